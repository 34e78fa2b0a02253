import { atFork } from '@mp/native';
import { runFinalizers } from './finalizers.ts';
import { self } from './self.ts';

/** How long a daemonic child may take to end after SIGTERM, before it is killed. */
export const GRACE_MS: number = 1000;

let registered = false;

// A forked child has no children yet, and none of its parent's listeners.
atFork({
  child: () => {
    registered = false;
  },
});

/**
 * When this process ends in the usual way, by the end of its event loop, `process.exit` or an error: runs finalizers
 * from priority 0 on, ends its daemonic children, waits for all of them, and runs the other finalizers. If it is killed
 * instead, the children notice by themselves.
 */
export function endInOrder(): void {
  if (registered) return;
  registered = true;
  process.on('exit', () => {
    runFinalizers(0);
    endChildren();
    runFinalizers();
  });
}

function endChildren(): void {
  const children = [...self.children];
  for (const child of children) if (child.daemon) child.terminate();
  for (const child of children) {
    if (!child.daemon) child.joinSync();
    else if (!child.joinSync({ timeout: GRACE_MS })) {
      child.kill();
      child.joinSync();
    }
  }
}
