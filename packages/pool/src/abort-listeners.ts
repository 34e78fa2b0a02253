/**
 * Who is to be told when a signal aborts. One signal may end thousands of calls, and Node looks through all listeners
 * whenever one is added or removed: so a signal has one of ours, however many there are who wait for it.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `listener` when the signal aborts, until {@link stopListening}. */
export function listen(signal: AbortSignal, listener: () => void): void {
  const set = waiting.get(signal) ?? new Set();
  set.add(listener);
  if (set.size > 1) return;
  waiting.set(signal, set);
  signal.addEventListener('abort', tellAll, { once: true });
}

export function stopListening(signal: AbortSignal, listener: () => void): void {
  const set = waiting.get(signal);
  if (set?.delete(listener) !== true || set.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', tellAll);
}

function tellAll(this: AbortSignal): void {
  const set = waiting.get(this);
  waiting.delete(this);
  for (const listener of set ?? []) listener();
}
