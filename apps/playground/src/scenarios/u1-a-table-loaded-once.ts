/**
 * A large table is loaded once; forked workers look things up in it, and nobody copies it.
 *
 * From: here (what fork is for)
 * Look at: the table is neither pickled nor loaded again. Workers use the parent's memory: what they add is a small part
 *   of the table.
 *
 * Prints:
 *     the table takes more than 100 MiB: true
 *     4 workers gave 4000 right answers
 *     each worker added less than a quarter of the table: true
 */
import { readFileSync } from 'node:fs';
import { type Connection, getContext, isMainModule } from '@mp/multiprocessing';

const ROWS = 16_000_000;
const QUERIES = 1000;
const MIB = 1 << 20;

interface Answer {
  readonly right: number;
  readonly ownMiB: number;
}

/** Memory of this process that it shares with nobody. */
function ownMiB(): number {
  const rollup = readFileSync('/proc/self/smaps_rollup', 'latin1');
  const kib = ['Private_Clean', 'Private_Dirty'].map((name) =>
    Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(rollup)?.[1]),
  );
  return (kib[0]! + kib[1]!) / 1024;
}

const squareOf = (i: number): number => (i % 1000) ** 2;

if (isMainModule(import.meta)) {
  const table = new Float64Array(ROWS).map((_, i) => squareOf(i));
  const tableMiB = table.byteLength / MIB;
  console.log(`the table takes more than 100 MiB: ${tableMiB > 100}`);

  // A closure over the table: it is inherited with everything else.
  const query = async (answer: Connection<never, Answer>, worker: number): Promise<void> => {
    let right = 0;
    for (let q = 0; q < QUERIES; q++) {
      const i = (worker * 7_919 + q * 104_729) % ROWS;
      if (table[i] === squareOf(i)) right++;
    }
    await answer.send({ right, ownMiB: ownMiB() });
  };

  const fork = getContext('fork');
  const answers: Answer[] = [];
  for (let worker = 0; worker < 4; worker++) {
    const [ours, theirs] = fork.Pipe<Answer, never>();
    const p = new fork.Process({ target: query, args: [theirs, worker] });
    await p.start();
    theirs.close();
    answers.push(await ours.recv());
    await p.join();
    ours.close();
  }
  console.log(`4 workers gave ${answers.reduce((sum, { right }) => sum + right, 0)} right answers`);
  console.log(
    `each worker added less than a quarter of the table: ${answers.every(({ ownMiB: own }) => own < tableMiB / 4)}`,
  );
}
