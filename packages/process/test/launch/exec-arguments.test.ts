import { expect, test } from 'vitest';
import { childExecArguments } from '../../src/launch/exec-arguments.ts';

test.each([
  [['--conditions=x', '--expose-gc', '--max-old-space-size=50']],
  [['-C', 'x', '-r', './preload.cjs', '--import', './preload.mjs', '--env-file', '.env']],
  [['--experimental-strip-types', '--stack-trace-limit=7', '--title', 'bob', '--no-warnings']],
  [['--heapsnapshot-near-heap-limit=1', '--heapsnapshot-signal', 'SIGUSR2', '--disable-warning', 'X']],
])('%j is for the children, too', (options) => {
  expect(childExecArguments(options)).toEqual(options);
});

test.each([
  [['--eval', 'code']],
  [['--eval=code']],
  [['-e', 'code']],
  [['-p', 'code']],
  [['-pe', 'code']],
  [['-p', '-e', 'code']],
  [['--print', '--eval', 'code']],
  [['--input-type=module', '--eval', 'code']],
  [['--input-type', 'module', '-e', 'code']],
  [['-']],
  [['-i']],
  [['--interactive']],
  [['--inspect']],
  [['--inspect=127.0.0.1:9229']],
  [['--inspect-brk', '--inspect-wait=0']],
  [['--inspect-port', '0']],
  [['--debug-port', '9230']],
  [['--inspect-publish-uid=http']],
  [['--test']],
  [['--test', '--test-reporter', 'spec', '--test-only', '--test-shard', '1/2']],
  [['--watch', '--watch-path', './src', '--watch-preserve-output']],
  [['--cpu-prof', '--cpu-prof-dir', './profiles', '--cpu-prof-interval=100']],
  [['--heap-prof', '--heap-prof-name=x']],
  [['--build-snapshot', '--build-snapshot-config', 'x']],
])('%j is for this process alone', (options) => {
  expect(childExecArguments(options)).toEqual([]);
  expect(childExecArguments(['-C', 'x', ...options, '--expose-gc'])).toEqual(['-C', 'x', '--expose-gc']);
});

test('without anything else it is about the options of this process', () => {
  expect(childExecArguments()).toEqual(process.execArgv);
  expect(process.execArgv).toContain('--conditions=@mp/source');
});
