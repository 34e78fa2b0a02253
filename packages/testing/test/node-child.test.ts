import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { checkLeaks, nodeChild, startNode } from '../src/index.ts';

checkLeaks();

const greet = new URL('./fixtures/greet.ts', import.meta.url);

test('a TypeScript file runs, and what it wrote and its exit code come back', async () => {
  const result = await nodeChild(greet, { args: ['a', 'b c'], env: { NAME: 'bob' }, input: 'text' });
  expect(result).toEqual({
    stdout: '{"args":["a","b c"],"name":"bob","input":"text"}\n',
    stderr: 'to the other stream\n',
    code: 3,
    signal: null,
  });
});

test('a file may be given as a path and as the text of a URL', async () => {
  for (const program of [greet.href, greet.pathname]) {
    expect((await nodeChild(program)).stdout).toContain('"input":""');
  }
});

test('code imports as a test does: by relative path, and sources of packages', async () => {
  const code = `
    import { until as byPath } from '../src/index.ts';
    import { until as byName } from '@mp/testing';
    const same: boolean = byPath === byName;
    console.log(same, import.meta.resolve('@mp/testing').endsWith('/src/index.ts'));`;
  expect(await nodeChild({ code })).toMatchObject({ stdout: 'true true\n', stderr: '', code: 0 });
});

test('the file that code is written to is gone afterwards', async () => {
  const { stdout } = await nodeChild({ code: 'console.log(import.meta.filename)' });
  expect(stdout).toMatch(/\/test\/\.inline-\d+-\d+\.ts\n$/);
  expect(existsSync(stdout.trim())).toBe(false);
  expect(readdirSync(import.meta.dirname).filter((name) => name.startsWith(`.inline-${process.pid}-`))).toEqual([]);
});

test('a variable can be taken away, and none of the test runner is passed on', async () => {
  const code = 'console.log(Object.keys(process.env).filter((name) => /^(VITEST|FORCE_|HOME$)/.test(name)))';
  expect((await nodeChild({ code }, { env: { HOME: undefined } })).stdout).toBe('[]\n');
});

test('the signal that ended it comes back', async () => {
  const result = await nodeChild({ code: "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);" });
  expect(result).toMatchObject({ code: null, signal: 'SIGTERM' });
});

test('descriptors are passed on as 3 and following, and stay open here', async () => {
  const fd = openSync('/dev/zero', 'r');
  onTestFinished(() => closeSync(fd));
  const code = "import { readlinkSync } from 'node:fs'; console.log(readlinkSync('/proc/self/fd/3'));";
  expect((await nodeChild({ code }, { descriptors: [fd] })).stdout).toBe('/dev/zero\n');
});

test('one can wait for what it says, and then end it', async () => {
  const child = startNode({ code: "console.log('port 42?'); setInterval(() => {}, 1000);" });
  expect((await child.says(/port (\d+)/))[1]).toBe('42');
  await child.says('42?');
  expect(child.kill('SIGTERM')).toBe(true);
  expect(await child.ended).toMatchObject({ signal: 'SIGTERM', stdout: 'port 42?\n' });
  expect(child.kill()).toBe(false);
});

test('waiting for what it never says ends with the program', async () => {
  const child = startNode({ code: "console.error('no'); process.exit(4);" });
  await expect(child.says('yes')).rejects.toThrow(/ended without saying yes: exit code 4\n.*no\n/s);
});

test('a program that cannot be started is an error', async () => {
  await expect(nodeChild(greet, { node: '/nowhere/node' })).rejects.toThrow('ENOENT');
});
