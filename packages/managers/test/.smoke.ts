import { getValue, Manager } from '@mp/managers';

const m = await Manager();
console.log('up', m.process?.pid, m.address);
const d = await m.dict<string, number>([['a', 1]]);
await d.set('b', 2);
console.log(await d.get('b'), await d.entries(), await getValue(d));
console.log('sync', d.sync.get('a'), [...d.sync]);
const l = await m.list([1, 2, 3]);
const dd = await m.dict<string, unknown>();
await dd.set('l', l);
await l.push(4);
const back = (await dd.get('l')) as typeof l;
console.log(back, await back.values());
const lock = await m.Lock();
console.log(await lock.withLock(() => 'in'), await lock.locked());
console.log(await m.numberOfObjects(), await m.debugInfo());
for (const N of [2000, 20000]) {
  let t = performance.now();
  for (let i = 0; i < N; i++) await d.get('a');
  console.log('await get µs', ((performance.now() - t) * 1000) / N);
  t = performance.now();
  for (let i = 0; i < N; i++) d.sync.get('a');
  console.log('sync get µs', ((performance.now() - t) * 1000) / N);
  t = performance.now();
  for (let i = 0; i < N / 100; i++) await Promise.all(Array.from({ length: 100 }, () => d.get('a')));
  console.log('100 at once µs', ((performance.now() - t) * 1000) / N);
}
await m.shutdown();
console.log('down');
await d.get('a').catch((e) => console.log(String(e)));
