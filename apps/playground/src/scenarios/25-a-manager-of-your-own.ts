/**
 * A class of your own, served by a manager of your own.
 *
 * From: Python docs, Customized managers (row 25)
 * Look at: the proxy is typed: `add` takes two numbers, and promises one.
 *
 * Prints:
 *     7
 *     56
 */
import { BaseManager, isMainModule } from '@mp/multiprocessing';

export class MathsClass {
  add(x: number, y: number): number {
    return x + y;
  }

  mul(x: number, y: number): number {
    return x * y;
  }
}

class MyManager extends BaseManager.register('Maths', { create: MathsClass }) {}

if (isMainModule(import.meta)) {
  const manager = new MyManager();
  await manager.start();
  const maths = await manager.Maths();
  console.log(await maths.add(4, 3));
  console.log(maths.sync.mul(7, 8));
  await manager.shutdown();
}
