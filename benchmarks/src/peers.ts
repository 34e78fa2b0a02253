import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** A way to do such work that a Node user has today. */
export interface Peer {
  /** As in the results; the file of its program is called after it. */
  readonly name: string;
  /** Its package, pinned in package.json; undefined: part of Node. */
  readonly packageName: string | undefined;
  /** What its workers are. Those that are threads have no memory of their own that the system could tell. */
  readonly workers: 'threads' | 'processes';
  /** Whether it is a pool: then `child-node-pools.ts` serves it, together with the others. */
  readonly isPool: boolean;
}

export const PEERS: readonly Peer[] = [
  { name: 'piscina', packageName: 'piscina', workers: 'threads', isPool: true },
  { name: 'tinypool-threads', packageName: 'tinypool', workers: 'threads', isPool: true },
  { name: 'tinypool-processes', packageName: 'tinypool', workers: 'processes', isPool: true },
  { name: 'workerpool-processes', packageName: 'workerpool', workers: 'processes', isPool: true },
  { name: 'child_process', packageName: undefined, workers: 'processes', isPool: false },
  { name: 'worker_threads', packageName: undefined, workers: 'threads', isPool: false },
];

/** The version of a package that is installed here; undefined if it is not. */
export function versionOf(packageName: string): string | undefined {
  try {
    const manifest = findPackageJSON(packageName, import.meta.url);
    return manifest && (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
  } catch {
    return undefined;
  }
}
