/**
 * A number, a text and an array of structures in shared memory; a child squares the numbers and raises the text.
 *
 * From: Python docs, the example in multiprocessing.sharedctypes (row 21)
 * Look at: one lock may serve several objects; without a lock, `{ lock: false }`, an object is only its memory.
 * Differs: in Python 3 the text is bytes, b'HELLO WORLD'.
 *
 * Prints:
 *     49
 *     0.1111111111111111
 *     HELLO WORLD
 *     (3.515625, 39.0625) (33.0625, 4) (5.640625, 90.25)
 */
import { isMainModule, Lock, Process, SharedArray, struct, Value } from '@mp/multiprocessing';

const Point = struct({ x: 'd', y: 'd' });

function make() {
  const lock = new Lock();
  return {
    n: new Value('i', 7),
    x: new Value('d', 1 / 3, { lock: false }),
    s: new SharedArray('c', 'hello world', { lock }),
    a: new SharedArray(
      Point,
      [
        { x: 1.875, y: -6.25 },
        { x: -5.75, y: 2.0 },
        { x: 2.375, y: 9.5 },
      ],
      { lock },
    ),
  };
}

export function modify({ n, x, s, a }: ReturnType<typeof make>): void {
  n.value **= 2;
  x.value **= 2;
  s.value = s.value.toUpperCase();
  for (const point of a) {
    point.x **= 2;
    point.y **= 2;
  }
}

if (isMainModule(import.meta)) {
  const objects = make();
  const p = new Process({ target: modify, args: [objects] });
  await p.start();
  await p.join();
  console.log(objects.n.value);
  console.log(objects.x.value);
  console.log(objects.s.value);
  console.log([...objects.a].map(({ x, y }) => `(${x}, ${y})`).join(' '));
}
