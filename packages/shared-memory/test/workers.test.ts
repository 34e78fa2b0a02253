import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const program = new URL('./fixtures/worker.ts', import.meta.url);

const descriptors = (): number => readdirSync('/proc/self/fd').length;
const mappings = (): number =>
  readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => /mp-arena|mp-shared-memory/.test(line)).length;

function run(end: 'returns' | 'is terminated'): Promise<void> {
  const worker = new Worker(program, { execArgv: ['--conditions=@mp/source'], argv: [end] });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.on('message', () => end === 'is terminated' && worker.terminate());
  worker.on('error', reject);
  worker.on('exit', () => resolve());
  return promise;
}

test.each(['returns', 'is terminated'] as const)(
  'a worker thread that %s leaves no descriptor and no mapping of what it had',
  async (end) => {
    await run(end);
    const before = [descriptors(), mappings()];
    for (let i = 0; i < 3; i++) await run(end);
    expect([descriptors(), mappings()]).toEqual(before);
  },
);
