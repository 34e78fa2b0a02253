import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { checkLeaks, startNode, until } from '@mp/testing';
import { expect, test } from 'vitest';
import { isProcessAlive, processStartTime } from '../src/index.ts';

checkLeaks();

/** The 22nd field, found in another way than ours: by the number of fields from the end. */
function startTimeFromEnd(pid: number): bigint {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').trimEnd().split(' ');
  return BigInt(fields[fields.length - 31] as string);
}

/** A process of a program other than Node, with a name that is hard to read. */
const oddlyNamed = (): ReturnType<typeof spawn> =>
  spawn('sh', ['-c', "printf '%s' ') R 1 (x' > /proc/$$/comm; echo ready; read line"], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });

test('the start time is that of /proc, and stays the same', () => {
  expect(processStartTime(process.pid)).toBe(startTimeFromEnd(process.pid));
  expect(processStartTime(process.pid)).toBe(processStartTime(process.pid));
  expect(processStartTime(1)).toBeTypeOf('bigint');
});

test('a name with brackets and spaces does not mislead', async () => {
  const child = oddlyNamed();
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const pid = child.pid as number;
  expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe(') R 1 (x\n');
  const start = processStartTime(pid) as bigint;
  expect(start).toBe(startTimeFromEnd(pid));
  expect(isProcessAlive(pid, start)).toBe(true);
  child.stdin?.end();
  await new Promise((resolve) => child.once('close', resolve));
});

test('the same pid with another start time is another process', () => {
  const start = processStartTime(process.pid) as bigint;
  expect(isProcessAlive(process.pid, start)).toBe(true);
  for (const other of [start + 1n, start - 1n, -start, start + 2n ** 64n]) {
    expect(isProcessAlive(process.pid, other)).toBe(false);
  }
});

test('a process that has ended is not living, neither as a zombie nor after', async () => {
  // The parent sleeps without a loop, so nobody takes the exit code of its child.
  const code = `
    import { spawn } from 'node:child_process';
    const child = spawn('sleep', ['100']);
    console.log(child.pid);
    process.stdin.on('end', () => {}).resume();
    child.once('spawn', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));`;
  const parent = startNode({ code });
  const pid = Number((await parent.says(/^(\d+)\n/))[1]);
  const start = processStartTime(pid) as bigint;
  expect(isProcessAlive(pid, start)).toBe(true);
  process.kill(pid, 'SIGKILL');
  await until(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), { what: 'the zombie' });
  expect(processStartTime(pid)).toBeUndefined();
  expect(isProcessAlive(pid, start)).toBe(false);
  parent.kill();
  await parent.ended;
  await until(() => processStartTime(pid) === undefined);
});

test('a pid that nobody has is no process', () => {
  const pid = 2 ** 22 + 1; // Above the largest that Linux gives.
  expect(processStartTime(pid)).toBeUndefined();
  expect(isProcessAlive(pid, 1n)).toBe(false);
});
