/**
 * A managed list contains another one: what is changed there is seen through it.
 *
 * From: Python docs, Proxy objects: nesting (row 31)
 * Look at: a proxy can be sent anywhere, into another managed object too. What comes out of it is a proxy of the same list,
 *   which lives as long as anybody, or any living list, refers to it.
 *
 * Prints:
 *     [ <ListProxy object, typeid 'list'> ] []
 *     [ 'hello' ] [ 'hello' ]
 *     still there: [ 'hello' ]
 */
import { describe, isMainModule, type ListProxy, Manager } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const manager = await Manager();
  const a = await manager.list<ListProxy<string>>();
  const b = await manager.list<string>();
  await a.push(b);
  console.log(await describe(a), await describe(b));
  await b.push('hello');
  console.log(await describe((await a.at(0))!), await describe(b));

  b[Symbol.dispose]();
  console.log('still there:', await describe((await a.at(0))!));
  await manager.shutdown();
}
