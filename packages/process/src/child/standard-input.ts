import { closeSync, createReadStream, openSync, type ReadStream } from 'node:fs';

/**
 * Two processes reading one terminal would each get half, so a child's standard input is empty. A spawned child gets it
 * so; a forked one has its parent's, perhaps with a stream that the parent reads from.
 */
export function emptyStandardInput(): void {
  try {
    closeSync(0);
  } catch {
    // There was none.
  }
  // The system takes the lowest number that is free.
  const opened = openSync('/dev/null', 'r');
  if (opened !== 0) closeSync(opened);
  let stream: ReadStream | undefined;
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    enumerable: true,
    get: () => {
      stream ??= createReadStream('/dev/null', { fd: 0, autoClose: false });
      return stream;
    },
  });
}
