import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { expectNothingLeft, type LeakOptions } from './expect-nothing-left.ts';
import { snapshot } from './snapshot.ts';

/**
 * Gives the tests of a file a folder for temporary files that is theirs alone, so that a socket found there is theirs too
 * and not one of a test that runs beside them.
 */
function ownTemporaryFolder(): void {
  const before = process.env.TMPDIR;
  let folder: string | undefined;
  beforeAll(() => {
    // Short, for the path of a unix socket has room for 107 bytes.
    folder = mkdtempSync(join(tmpdir(), 'mp-'));
    process.env.TMPDIR = folder;
  });
  afterAll(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
}

/**
 * Checks after each test of the file, or of the `describe` block, that nothing is left behind: no process, no descriptor,
 * no shared mapping, no unix socket, nothing that keeps the event loop alive, and no name in /dev/shm that
 * `sharedMemoryNames` fits.
 *
 * To be called once, first in the file: the check comes last, after the `afterEach` hooks and the `onTestFinished`
 * callbacks of the test. What is made before the tests or in `beforeAll` may stay. The tests cannot be concurrent with
 * each other; `os.tmpdir()` is a folder of their own.
 *
 * @example
 * ```ts
 * checkLeaks();
 * test('a closed pipe leaves nothing', () => { … });
 * ```
 */
export function checkLeaks(options: LeakOptions = {}): void {
  ownTemporaryFolder();
  let running: string | undefined;
  beforeEach(({ task, onTestFinished }) => {
    if (running !== undefined) {
      throw new Error(`The leak check cannot tell "${task.name}" from "${running}": do not run them concurrently`);
    }
    running = task.name;
    const before = snapshot();
    // The first callback that is registered is the last one to run.
    onTestFinished(async () => {
      running = undefined;
      await expectNothingLeft(before, options);
    });
  });
}
