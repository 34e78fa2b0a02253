/**
 * Node writes into a pipe what there is room for, keeps the rest, and `process.exit()` throws that away.
 *
 * @returns a promise that what was printed has been taken, or nobody reads any more; undefined: nothing is kept
 */
export function outputTaken(): Promise<unknown> | undefined {
  // Who has printed nothing has no streams yet, and making them takes milliseconds.
  if (!process.getActiveResourcesInfo().some((name) => name.endsWith('WriteWrap'))) return undefined;
  const full = [process.stdout, process.stderr].filter(({ writableLength }) => writableLength > 0);
  return full.length === 0 ? undefined : Promise.all(full.map(taken));
}

function taken(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // It is the end of this process: nobody is left to be told that nobody reads.
    stream.on('error', () => resolve());
    stream.on('close', resolve);
    stream.write('', () => resolve());
  });
}
