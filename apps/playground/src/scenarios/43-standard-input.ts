/**
 * A child does not take from its parent what somebody types; and what a parent has buffered, a forked child does not take
 * for its own.
 *
 * From: Python docs, Guidelines: beware of replacing sys.stdin with a file-like object (row 43)
 * Look at: the standard input of a child is empty, by every start method. A file-like object with a buffer of its own is
 *   copied by `fork`: so the buffer remembers whose it is, and the child's copy is thrown away.
 * Differs: by `spawn` there is no copy, and nothing to remember.
 *
 * Prints:
 *     SpawnProcess-1 read 0 bytes, and then the end
 *     ForkProcess-2 read 0 bytes, and then the end
 *     the child, ForkProcess-3, has [] in its cache
 *     the parent has [ 'half a ', 'line' ]
 */
import { readFileSync } from 'node:fs';
import { currentProcess, getContext, isMainModule } from '@mp/multiprocessing';

export function readEverything(): void {
  console.log(`${currentProcess().name} read ${readFileSync(0).length} bytes, and then the end`);
}

/** What is written to it stays in its cache until there is a whole line. */
class FileLike {
  #pid = process.pid;
  #cache: string[] = [];

  get cache(): string[] {
    if (process.pid !== this.#pid) {
      this.#pid = process.pid;
      this.#cache = [];
    }
    return this.#cache;
  }

  write(text: string): void {
    this.cache.push(text);
  }
}

if (isMainModule(import.meta)) {
  const spawn = getContext('spawn');
  const fork = getContext('fork');
  for (const { Process } of [spawn, fork]) {
    const child = new Process({ target: readEverything });
    await child.start();
    await child.join();
  }

  const file = new FileLike();
  file.write('half a ');
  file.write('line');
  const tell = (): void => console.log(`the child, ${currentProcess().name}, has`, file.cache, 'in its cache');
  const child = new fork.Process({ target: tell });
  await child.start();
  await child.join();
  console.log('the parent has', file.cache);
}
