/**
 * A managed list of managed dicts, which are changed where they are.
 *
 * From: Python docs, Proxy objects: dict and list proxies (row 32)
 * Look at: `lOuter.at(0)` gives a proxy of the dict, and no copy.
 *
 * Prints:
 *     Map(2) { 'a' => 1, 'b' => 2 }
 *     Map(2) { 'c' => 3, 'z' => 26 }
 */
import { type DictProxy, describe, isMainModule, Manager } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const manager = await Manager();
  const dicts = await Promise.all([0, 1].map(() => manager.dict<string, number>()));
  const lOuter = await manager.list<DictProxy<string, number>>(dicts);
  const dFirstInner = (await lOuter.at(0))!;
  await dFirstInner.set('a', 1);
  await dFirstInner.set('b', 2);
  await (await lOuter.at(1))!.set('c', 3);
  await (await lOuter.at(1))!.set('z', 26);
  console.log(await describe((await lOuter.at(0))!));
  console.log(await describe((await lOuter.at(1))!));
  await manager.shutdown();
}
