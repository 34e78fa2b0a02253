/**
 * Watches that a child comes to its end before its event loop is empty. If it does not, it awaits what nobody is left to
 * bring about: that is an error and not a success, and Node would only speak of a top-level await of ours.
 *
 * @param tell - when it comes to that
 * @returns how to say that the child has come to its end
 */
export function watchForEmptyLoop(tell: () => void): () => void {
  let empty = false;
  const onEmpty = (): void => {
    empty = true;
    // Somebody else who listens may begin something; then the loop goes on. (A fork needs a turn to find out.)
    const goesOn = (): void => {
      empty = false;
    };
    setImmediate(() => setImmediate(goesOn).unref()).unref();
  };
  const onExit = (): void => {
    if (!empty) return;
    tell();
    process.exitCode = 1;
  };
  process.on('beforeExit', onEmpty);
  process.on('exit', onExit);
  return () => {
    process.off('beforeExit', onEmpty);
    process.off('exit', onExit);
  };
}
