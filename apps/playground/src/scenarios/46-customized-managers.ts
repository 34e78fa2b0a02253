/**
 * A manager of one's own: a class twice, with different methods for clients; a generator, with a proxy class of one's own;
 * and a whole module.
 *
 * From: Python docs, the first of the examples (row 46)
 * Look at: what is exposed is what the proxy has, for TypeScript too: `f1._h` and `f2.f` do not compile. The methods of Foo
 *   print in the server's process.
 * Differs: generators need no proxy class here (leave `proxyType` out). The module is one of a few operators, for JavaScript
 *   has none of that kind.
 *
 * Prints:
 *     --------------------
 *     you called Foo.f()
 *     you called Foo.g()
 *     --------------------
 *     you called Foo.g()
 *     you called Foo._h()
 *     --------------------
 *     <0> <1> <4> <9> <16> <25> <36> <49> <64> <81>
 *     --------------------
 *     op.add(23, 45) = 68
 *     op.pow(2, 94) = 19807040628566084398385987584
 *     op exposes add mul neg pow sub
 */
import { deepEqual, equal } from 'node:assert/strict';
import { BaseManager, BaseProxy, callMethod, exposedMethods, isMainModule } from '@mp/multiprocessing';
import * as operator from './modules/operator.ts';

export class Foo {
  f(): void {
    console.log('you called Foo.f()');
  }

  g(): void {
    console.log('you called Foo.g()');
  }

  _h(): void {
    console.log('you called Foo._h()');
  }
}

/** A simple generator function. */
export function* baz(): Generator<number, void, undefined> {
  for (let i = 0; i < 10; i++) yield i * i;
}

/** Proxy type for generator objects. */
export class GeneratorProxy extends BaseProxy implements AsyncIterableIterator<number, void> {
  static readonly exposed: readonly string[] = ['next'];

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<number, void>> {
    return callMethod(this, 'next') as Promise<IteratorResult<number, void>>;
  }
}

/** Function to return the operator module. */
export const getOperatorModule = (): typeof operator => operator;

class MyManager extends BaseManager
  // Make f() and g() accessible via proxy.
  .register('Foo1', { create: Foo })
  // Make g() and _h() accessible via proxy.
  .register('Foo2', { create: Foo, exposed: ['g', '_h'] })
  // Use GeneratorProxy to make proxies.
  .register('baz', { create: baz, proxyType: GeneratorProxy })
  // Make public functions accessible via proxy.
  .register('operator', { create: getOperatorModule }) {}

if (isMainModule(import.meta)) {
  const manager = new MyManager();
  await manager.start();

  console.log('-'.repeat(20));

  const f1 = await manager.Foo1();
  await f1.f();
  await f1.g();
  equal('_h' in f1, false);
  deepEqual(exposedMethods(f1).toSorted(), ['f', 'g']);

  console.log('-'.repeat(20));

  const f2 = await manager.Foo2();
  await f2.g();
  await f2._h();
  equal('f' in f2, false);
  deepEqual(exposedMethods(f2).toSorted(), ['_h', 'g']);

  console.log('-'.repeat(20));

  const squares: string[] = [];
  for await (const i of await manager.baz()) squares.push(`<${i}>`);
  console.log(squares.join(' '));

  console.log('-'.repeat(20));

  const op = await manager.operator();
  console.log(`op.add(23, 45) = ${await op.add(23, 45)}`);
  console.log(`op.pow(2, 94) = ${await op.pow(2n, 94n)}`);
  console.log(`op exposes ${exposedMethods(op).toSorted().join(' ')}`);

  await manager.shutdown();
}
