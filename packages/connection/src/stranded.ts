import { atFork } from '@mp/native';

/**
 * Waits that can be in vain: everybody else who had the other end of the pipe is dead, and only this thread still holds
 * it. Perhaps the program forgot to close it; perhaps it is going to use it, or to give it to a new process.
 *
 * Such a wait does not keep the event loop alive. When the loop has nothing else to do, no code will ever run here that
 * could use the other end: then, and not before, the wait is known to be in vain.
 */
const stranded = new Set<() => void>();

/** @param giveUp - ends the wait; called at most once, when nothing else is left to do in this thread */
export function strand(giveUp: () => void): void {
  if (stranded.size === 0) process.on('beforeExit', onNothingElseToDo);
  stranded.add(giveUp);
}

export function unstrand(giveUp: () => void): void {
  if (stranded.delete(giveUp) && stranded.size === 0) process.off('beforeExit', onNothingElseToDo);
}

function onNothingElseToDo(): void {
  const [first] = stranded;
  if (first === undefined) return;
  unstrand(first);
  // One at a time: whoever learns of this end may do something about the others.
  if (stranded.size > 0) setImmediate(() => {});
  first();
}

atFork({
  child: () => {
    process.off('beforeExit', onNothingElseToDo);
    stranded.clear();
  },
});
