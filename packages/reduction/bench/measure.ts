/**
 * What pickling costs, in nanoseconds a message, beside what msgpackr alone and `structuredClone` take for the same.
 *
 *   node --conditions=@mp/source bench/measure.ts       the sources
 *   node bench/measure.ts dist                          what is published (build first)
 */
import { Packr } from 'msgpackr';

const built = process.argv[2] === 'dist';
const { Pickler, Unpickler } = (await import(
  built ? '../dist/index.js' : '../src/index.ts'
)) as typeof import('../src/index.ts');

export class Point {
  x: number;
  y: number;
  name = 'point';
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}

const text = Array.from({ length: 1000 }, (_, i) => Buffer.from(`message ${i} `.padEnd(40, 'abcdefgh')).toString());
const names = Array.from({ length: 1000 }, (_, i) => `name${i}`);
const integers = Array.from({ length: 125_000 }, (_, i) => (i * 2_654_435_761) | 0);
const rows = Array.from({ length: 10_000 }, (_, i) => ({
  id: i,
  name: `user ${i}`,
  email: `user${i}@example.com`,
  score: i / 7,
  tags: ['a', 'b'],
  active: i % 2 === 0,
}));
const map = new Map(Array.from({ length: 100 }, (_, i) => [`key${i}`, i]));
const kilobyte = Buffer.alloc(1024, 'x');
const failure = Object.assign(new TypeError('it failed'), { code: 'E_FAILED' });

const cases: readonly (readonly [string, number, (i: number) => unknown])[] = [
  ['[i, 40 characters]', 1_000_000, (i) => [i, text[i % 1000]]],
  ['{id,name,ok,v:[3],n:{}}', 500_000, (i) => ({ id: i, name: names[i % 1000], ok: true, v: [3], n: {} })],
  ['array of 125,000 integers', 100, () => integers],
  ['array of 10,000 rows', 20, () => rows],
  ['one class instance', 200_000, (i) => new Point(i, 2)],
  ['Map of 100', 20_000, () => map],
  ['Buffer of 1 KiB', 300_000, () => kilobyte],
  ['Error with a field', 50_000, () => failure],
];

const ROUNDS = 9;

/** Nanoseconds that this thread has worked, so that others on the machine do not count; before Node 23.9 that passed. */
function now(): number {
  if (process.threadCpuUsage === undefined) return Number(process.hrtime.bigint());
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1000;
}

/** The best of several rounds, in nanoseconds: others may be at work on this machine. */
function measure(times: number, act: (i: number) => unknown): number {
  for (let i = 0; i < Math.max(times / 5, 3); i++) act(i);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = now();
    for (let i = 0; i < times; i++) act(i);
    rounds.push((now() - start) / times);
  }
  return Math.min(...rounds);
}

const pickler = new Pickler();
const unpickler = new Unpickler();
const packr = new Packr({ useRecords: false, variableMapSize: true });
const shown = (ns: number): string => (ns >= 10_000 ? `${(ns / 1000).toFixed(0)} µs` : `${ns.toFixed(0)} ns`);

/** A message somewhere in a ring, and not at the beginning of it. */
const ring = Buffer.alloc(64 << 20);
const OFFSET = 4096;

console.log(`Node ${process.version}, ${built ? 'built' : 'source'}; best of ${ROUNDS} rounds`);
console.log(
  'value'.padEnd(28),
  ...['make', 'pickle', 'unpickle', 'msgpackr pack', 'unpack', 'structuredClone'].map((t) => t.padStart(15)),
);
// Past the point where msgpackr's native extractor is loaded, as in any process that is busy.
for (let i = 0; i < 200_000; i++) {
  const { bytes, start, end } = pickler.pickle([i, text[i % 1000]]);
  unpickler.finish({ bytes, start, end });
}
for (const [name, times, make] of cases) {
  const cells = [measure(times, make)];
  cells.push(measure(times, (i) => pickler.pickle(make(i))));
  const pickle = pickler.pickle(make(7));
  ring.set(pickle.bytes.subarray(pickle.start, pickle.end), OFFSET);
  const incoming = { bytes: ring, start: OFFSET, end: OFFSET + pickle.end - pickle.start };
  await unpickler.prepare(incoming);
  cells.push(
    measure(times, () => {
      if (unpickler.prepare(incoming) !== undefined) throw new Error('nothing should have to be loaded');
      return unpickler.finish(incoming);
    }),
  );
  cells.push(measure(times, (i) => packr.pack(make(i), 512 | 1024)));
  const packed = Buffer.from(packr.pack(make(7)));
  cells.push(measure(times, () => packr.unpack(packed)));
  cells.push(measure(Math.ceil(times / 5), (i) => structuredClone(make(i))));
  console.log(name.padEnd(28), ...cells.map((ns) => shown(ns).padStart(15)));
}
