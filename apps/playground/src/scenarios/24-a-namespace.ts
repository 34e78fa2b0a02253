/**
 * Attributes that several processes share.
 *
 * From: Python docs, Namespace objects (row 24)
 * Look at: an attribute is read by a call, so it takes a promise, or the `sync` form.
 * Differs: what begins with an underscore is shared here, too; in Python it belongs to the proxy.
 *
 * Prints:
 *     10 hello
 *     { x: 10, y: 'hello' }
 */
import { describe, isMainModule, Manager } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const manager = await Manager();
  const shared = await manager.Namespace<{ x: number; y: string }>();
  await shared.set('x', 10);
  await shared.set('y', 'hello');
  console.log(await shared.get('x'), shared.sync.y);
  console.log(await describe(shared));
  await manager.shutdown();
}
