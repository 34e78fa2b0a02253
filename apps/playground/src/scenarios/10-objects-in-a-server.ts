/**
 * A dict, a list and a set live in a server process; a child changes them through proxies.
 *
 * From: Python docs, Sharing state between processes: server process (row 10)
 * Look at: each method of a proxy is a call to the server. `getValue` fetches a copy of the object.
 * Differs: the proxies have the methods of Map, Array and Set. Python's None is null.
 *
 * Prints:
 *     Map(3) { 1 => '1', '2' => 2, 0.25 => null }
 *     [
 *       9, 8, 7, 6, 5,
 *       4, 3, 2, 1, 0
 *     ]
 *     Set(2) { 'a', 'b' }
 */
import {
  type DictProxy,
  getValue,
  isMainModule,
  type ListProxy,
  Manager,
  Process,
  type SetProxy,
} from '@mp/multiprocessing';

type Key = number | string;

export async function f(
  d: DictProxy<Key, string | number | null>,
  l: ListProxy<number>,
  s: SetProxy<string>,
): Promise<void> {
  await d.set(1, '1');
  await d.set('2', 2);
  await d.set(0.25, null);
  await l.reverse();
  await s.add('a');
  await s.add('b');
}

if (isMainModule(import.meta)) {
  const manager = await Manager();
  const d = await manager.dict<Key, string | number | null>();
  const l = await manager.list(Array.from({ length: 10 }, (_, i) => i));
  const s = await manager.set<string>();

  const p = new Process({ target: f, args: [d, l, s] });
  await p.start();
  await p.join();

  console.log(await getValue(d));
  console.log(await getValue(l));
  console.log(await getValue(s));
  await manager.shutdown();
}
