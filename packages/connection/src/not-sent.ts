/**
 * Sends a message whose objects have done something for the receiver beforehand: a connection has counted it as a holder.
 * If the message is not sent, that is undone.
 *
 * @param send - sends the message; may return a promise
 */
export function orUndo<T>(undo: readonly (() => void)[], send: () => T): T {
  const undoAll = (error: unknown): never => {
    for (const one of undo) one();
    throw error;
  };
  try {
    const sent = send();
    return sent instanceof Promise ? (sent.catch(undoAll) as T) : sent;
  } catch (error) {
    return undoAll(error);
  }
}
