import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { become, capture } from '../setup/run.mjs';

const run = new URL('../setup/run.mjs', import.meta.url).href;

/** A process that becomes a Node program. In a session of its own: the terminal, if there is one, is not its. */
function started(code) {
  const outer = `
    import { become } from '${run}';
    await become(process.execPath, ['-e', ${JSON.stringify(code)}]);`;
  return spawn(process.execPath, ['--input-type=module', '-e', outer], { detached: true });
}

async function end(child) {
  const [code, signal] = await once(child, 'exit');
  return { code, signal };
}

test('the exit code is passed on', async () => {
  assert.deepEqual(await end(started('process.exit(23)')), { code: 23, signal: null });
});

test('the signal that ended the program ends us', async () => {
  assert.deepEqual(await end(started("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)")), {
    code: null,
    signal: 'SIGTERM',
  });
});

test('standard input and output are those of the program', async () => {
  const child = started('process.stdin.pipe(process.stdout)');
  child.stdin.end('through');
  const [text] = await once(child.stdout, 'data');
  assert.equal(text.toString(), 'through');
  assert.deepEqual(await end(child), { code: 0, signal: null });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  test(`${signal} reaches the program, which may end in its own way`, async () => {
    const child = started(
      `process.on('${signal}', () => { console.log('cleaned'); process.exit(5); }); setInterval(() => {}, 1000); console.log('up');`,
    );
    await once(child.stdout, 'data');
    child.kill(signal);
    const [text] = await once(child.stdout, 'data');
    assert.equal(text.toString(), 'cleaned\n');
    assert.deepEqual(await end(child), { code: 5, signal: null });
  });
}

test('a program that is not there is an error', async () => {
  await assert.rejects(become('/nowhere/program', []), /ENOENT/);
});

test('a program that is waited for ends with us', async () => {
  const outer = `
    import { capture } from '${run}';
    await capture(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], {}, (text) =>
      process.stdout.write(text),
    );
    console.log('went on');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', outer], { detached: true });
  const [pid] = await once(child.stdout, 'data');
  let rest = '';
  child.stdout.on('data', (text) => {
    rest += text;
  });
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  assert.deepEqual(await end(child), { code: null, signal: 'SIGTERM' });
  await closed;
  assert.equal(rest, '');
  assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
});

test('a program that does not end is ended, and named as one that did not', async () => {
  const code = "console.log('begins'); setInterval(() => {}, 1000)";
  const { ok, output, end } = await capture(process.execPath, ['-e', code], { limitMinutes: 1 / 60 });
  assert.equal(ok, false);
  assert.ok(['begins\n', ''].includes(output), output);
  assert.equal(end, `ended by SIGTERM, since it had not ended after ${1 / 60} minutes`);
});
