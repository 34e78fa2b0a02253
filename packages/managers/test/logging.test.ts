import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

checkLeaks();

test('the life of a manager is logged by both processes, in the words of Python', async () => {
  const { stderr, code } = await nodeChild({
    code: `
      import { ManagerSync } from '@mp/managers';
      import { logToStderr } from '@mp/process';
      logToStderr('INFO');
      ManagerSync({ shutdownTimeout: 50_000 }).shutdownSync();`,
  });
  expect(stderr.trimEnd().split('\n')).toEqual([
    '[INFO/SyncManager-1] child process calling self.run()',
    expect.stringMatching(/^\[INFO\/SyncManager-1\] manager serving at '\\x00mp-manager-[\w-]+'$/),
    '[INFO/MainProcess] sending shutdown message to manager',
    '[INFO/SyncManager-1] manager exiting with exitcode 0',
    '[INFO/SyncManager-1] process exiting with exitcode 0',
  ]);
  expect(code).toBe(0);
});
