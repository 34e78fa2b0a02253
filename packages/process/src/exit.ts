import { atFork } from '@mp/native';
import { self } from './self.ts';

/** How long a daemonic child may take to end after SIGTERM, before it is killed. */
const GRACE_MS = 1000;

let registered = false;

// A forked child has no children yet, and none of its parent's listeners.
atFork({
  child: () => {
    registered = false;
  },
});

/**
 * When this process ends in the usual way, by the end of its event loop, `process.exit` or an error: ends its daemonic
 * children and waits for all of them. If it is killed instead, the children notice by themselves.
 */
export function endChildrenWithUs(): void {
  if (registered) return;
  registered = true;
  process.on('exit', () => {
    const children = [...self.children];
    for (const child of children) if (child.daemon) child.terminate();
    for (const child of children) {
      if (!child.daemon) child.joinSync();
      else if (!child.joinSync({ timeout: GRACE_MS })) {
        child.kill();
        child.joinSync();
      }
    }
  });
}
