import { ProcessError } from '@mp/errors';

const ROOM =
  'Close connections, queues and shared memory that are no longer used, and objects that are collected only later';

const SHORTAGES: Readonly<Record<string, string>> = {
  EMFILE: `this process has no file descriptor left. ${ROOM}, or allow more: ulimit -n.`,
  ENFILE: `the system has no file descriptor left. ${ROOM}, in whatever process, or allow more: sysctl fs.file-max.`,
  ENOMEM: `the system gives no more memory, or this process has as many mappings as it may. ${ROOM}, or allow more: ulimit -v, sysctl vm.max_map_count.`,
  ENOSPC:
    'there is no room for more shared memory. Unlink what nobody needs any more, or make /dev/shm larger (in a container: --shm-size).',
};

/**
 * An error of the system in the words of who made something, if it says that there is no more of something: with the
 * same `code`, `errno` and `syscall`, and the error as its `cause`. Any other error as it is.
 *
 * @param what - what has come to nothing: `No pipe could be made`
 */
export function asShortage(what: string, error: unknown): unknown {
  if (error instanceof ProcessError) return error;
  const { code, errno, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || !Object.hasOwn(SHORTAGES, code)) return error;
  const shortage = new ProcessError(`${what} (${code}): ${SHORTAGES[code]}`, { code, cause: error });
  return Object.assign(shortage, { errno, syscall });
}
