// A first program of a user, for as much of the API as there is: prints how many parts were there to be run.
import { isDeepStrictEqual } from 'node:util';
import * as mp from '@mp/multiprocessing';
import { leave, square } from './work.mjs';

function expect(actual, expected, what) {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

const parts = {
  async Pipe() {
    const [a, b] = mp.Pipe();
    await a.send({ map: new Map([[1, new Uint8Array([1, 2])]]) });
    expect(await b.recv(), { map: new Map([[1, new Uint8Array([1, 2])]]) }, 'what came through the pipe');
    a.close();
    b.close();
  },
  async Process() {
    const process = new mp.Process({ target: leave, args: [7] });
    await process.start();
    await process.join();
    expect(process.exitCode, 7, 'the exit code of the process');
  },
  async Pool() {
    const pool = new mp.Pool(2);
    expect(await pool.map(square, [1, 2, 3]), [1, 4, 9], 'what the pool computed');
    pool.close();
    await pool.join();
  },
};

const present = Object.keys(parts).filter((name) => name in mp);
for (const name of present) await parts[name]();
console.log(`parts: ${present.length}`);
