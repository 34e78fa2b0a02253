import { corrupt, type Escape } from './checks.ts';
import type { Reviver } from './reviver.ts';

export function fillMap(reviver: Reviver, node: Escape, map: Map<unknown, unknown>): void {
  if (node.length % 2 !== 0) corrupt('a Map has a key without a value');
  for (let i = 2; i < node.length; i += 2) {
    const key = reviver.value(node[i]);
    Map.prototype.set.call(map, key, reviver.value(node[i + 1]));
  }
}

export function fillSet(reviver: Reviver, node: Escape, set: Set<unknown>): void {
  for (let i = 2; i < node.length; i++) Set.prototype.add.call(set, reviver.value(node[i]));
}
