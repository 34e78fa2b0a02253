/** Lines that compile, and lines that must not. */
import { Lock } from '@mp/synchronize';
import { copy, RawArray, RawValue, SharedArray, struct, synchronized, Value } from '../src/index.ts';

const Point = struct({ x: 'd', y: 'd' });
const Path = struct({ name: ['c', 8], points: [Point, 3], origin: Point });

/** A parameter is named as what it is given is made. */
export function results(
  counter: Value<'i'>,
  big: Value<'q'>,
  numbers: SharedArray<'d'>,
  point: Value<typeof Point>,
): void {
  const count: number = counter.update((n) => n + 1);
  const long: bigint = big.value;
  const list: number[] = numbers.slice(count);
  const typed: Float64Array<ArrayBuffer> = numbers.getObj();
  const raw: Int32Array<ArrayBuffer> = new SharedArray('i', [1], { lock: false });
  const text: string = new SharedArray('c', 'hello').value;
  const bytes: Uint8Array = new SharedArray('c', 'hello').raw;
  const path = new RawValue(Path, { origin: [1, 2] });
  const x: number = path.points.get(0).x + path.origin.y + point.x;
  const copied: Float64Array<ArrayBuffer> = copy(typed);
  synchronized(RawArray('i', raw), new Lock()).set(-1, x);
  new Value('q', long + 1n).value = list.length + copied.length + text.length + bytes.length;
}

export function refused(counter: Value<'i'>, numbers: SharedArray<'d'>, point: Value<typeof Point>): void {
  // @ts-expect-error: no such typecode
  new Value('z');
  // @ts-expect-error: a string is no number
  new Value('i', 'x');
  // @ts-expect-error: 32 bits are numbers
  counter.value = 1n;
  // @ts-expect-error: no such field
  point.z = 1;
  // @ts-expect-error: no such field
  new RawValue(Point, { z: 1 });
  // @ts-expect-error: only text has a value
  numbers.value = 'text';
  // @ts-expect-error: without a lock there is none to get
  new SharedArray('i', 3, { lock: false }).getLock();
  // @ts-expect-error: that is no lock
  new Value('i', 0, { lock: 'mine' });
}
