import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { readCatalogue } from '../../src/runner/catalogue.ts';
import { type Outcome, run } from '../../src/runner/outcome.ts';
import { checkNothingLeft } from '../nothing-left.ts';
import { scenarioText } from '../scenario-text.ts';
import { TemporaryFolder } from '../temporary-folder.ts';

checkNothingLeft();

async function runText(text: string, show?: Parameters<typeof run>[1]): Promise<Outcome> {
  const folder = new TemporaryFolder({ '1-a-scenario.ts': text });
  const [scenario] = readCatalogue(folder.url);
  if (scenario === undefined) throw new Error('no scenario was found');
  return await run(scenario, show);
}

/** Runs a scenario whose time, 60 seconds, is over as soon as it has printed something. */
async function runUntilItPrints(text: string): Promise<Outcome> {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const expire = (): void => {
    const [end, , ...args] = timers.mock.calls.find(([, delay]) => delay === 60_000) ?? [];
    end?.(...args);
  };
  return await runText(text, expire).finally(() => timers.mockRestore());
}

/** Starts a process that would go on for ever, and tells its number. */
const START_ANOTHER = `
import { spawn } from 'node:child_process';
const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], OPTIONS);
other.unref();
console.log('started', other.pid);
`;

test('a scenario passes when it does exactly what it is to do', async () => {
  const text = scenarioText(
    ['<pid:program> is a child of <pid:runner>', 'and stands in <url:folder>/1-a-scenario.ts'],
    `console.log(process.pid + ' is a child of ' + process.ppid);
     console.log('and stands in ' + import.meta.url);
     console.error('oh');
     process.exitCode = 3;`,
    ['Exits with: 3', '', 'Prints to stderr:', '    oh'],
  );
  const { problems, stdout, stderr } = await runText(text);
  expect(problems).toEqual([]);
  expect(stdout).toContain('is a child of');
  expect(stderr).toBe('oh\n');
});

test('a scenario fails when it prints something else', async () => {
  const { problems } = await runText(scenarioText(['hello bob'], `console.log('hello alice');`));
  expect(problems).toEqual(['stdout, line 1\nexpected:  hello bob\nbut found: hello alice']);
});

test('a scenario fails when it prints an error that nobody expects', async () => {
  const { problems } = await runText(scenarioText(['x'], `console.log('x'); console.error('deprecated');`));
  expect(problems).toEqual(['stderr, line 1\nexpected:  nothing more\nbut found: deprecated']);
});

test('a scenario fails when it exits with another code, or by a signal', async () => {
  const byCode = await runText(scenarioText(['x'], `console.log('x'); process.exitCode = 7;`));
  expect(byCode.problems).toEqual(['exit code 7 instead of 0']);
  const bySignal = await runText(scenarioText(['x'], `console.log('x'); process.kill(process.pid, 'SIGTERM');`));
  expect(bySignal.problems).toEqual(['it was ended by SIGTERM']);
});

test('a scenario that hangs fails with what it has printed so far, and what it has started ends with it', async () => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  try {
    const code = `${START_ANOTHER.replace('OPTIONS', `{ stdio: 'inherit' }`)} setInterval(() => {}, 1e6);`;
    const { problems, stdout } = await runUntilItPrints(
      scenarioText(['started <pid:x>', 'the end'], code, ['Limit: 60 s']),
    );
    expect(problems).toEqual([
      'it did not end within 60 s, and was ended',
      'stdout, line 2\nexpected:  the end\nbut found: nothing more',
    ]);
    expect(stdout).toMatch(/^started \d+\n$/);
    // Who does not belong to it is left alone.
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  } finally {
    bystander.kill('SIGKILL');
    await once(bystander, 'exit');
  }
});

test('a scenario that leaves a process behind fails, and the process is ended', async () => {
  const code = START_ANOTHER.replace('OPTIONS', `{ stdio: 'ignore' }`);
  const { problems, stdout } = await runText(scenarioText(['started <pid:x>'], code));
  const pid = /\d+/.exec(stdout)?.[0];
  expect(problems).toEqual([expect.stringContaining(`left a process behind: ${pid} ${process.execPath}`)]);
});

test('a scenario that does not stop printing is ended', async () => {
  const { problems, stdout } = await runText(
    scenarioText(['x'], `const line = 'x'.repeat(1e5); setInterval(() => console.log(line), 1);`),
  );
  expect(problems).toContain('it did not stop printing, and was ended');
  expect(stdout.length).toBeLessThan(3 << 20);
});

test('a file that is no scenario fails for that', async () => {
  const { problems } = await runText(`console.log('hello');`);
  expect(problems).toEqual([expect.stringContaining('does not begin with a header')]);
});

test('what a scenario prints can be seen as it comes', async () => {
  const folder = new TemporaryFolder({
    '1-a.ts': scenarioText(['x'], `console.log('x'); console.error('y');`, ['', 'Prints to stderr:', '    y']),
  });
  const [scenario] = readCatalogue(folder.url);
  const shown: string[] = [];
  const { problems } = await run(scenario as NonNullable<typeof scenario>, (text, stream) => {
    shown.push(`${stream}: ${text}`);
  });
  expect(problems).toEqual([]);
  expect(shown.sort()).toEqual(['stderr: y\n', 'stdout: x\n']);
});
