/**
 * A plain object in a managed list is a copy wherever it arrives: to change it there, it has to be put in again.
 *
 * From: Python docs, Proxy objects: non-proxy values (row 33)
 * Look at: the server hears of calls only, and not of what becomes of a copy.
 *
 * Prints:
 *     changed here: { a: 1, b: 2 }
 *     not in the list yet: [ {} ]
 *     put in again: [ { a: 1, b: 2 } ]
 */
import { getValue, isMainModule, Manager } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const manager = await Manager();
  const lproxy = await manager.list<Record<string, number>>();
  await lproxy.push({});
  const d = (await lproxy.at(0))!;
  d.a = 1;
  d.b = 2;
  console.log('changed here:', d);
  console.log('not in the list yet:', await getValue(lproxy));
  await lproxy.set(0, d);
  console.log('put in again:', await getValue(lproxy));
  await manager.shutdown();
}
