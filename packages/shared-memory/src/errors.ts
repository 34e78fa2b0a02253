import { brandError, ProcessError } from '@mp/errors';

/** There is shared memory of that name already. Python: `FileExistsError`. */
export class SharedMemoryExistsError extends ProcessError {
  /** Without a slash. */
  readonly sharedMemoryName: string;

  constructor(name: string, options: { cause?: unknown } = {}) {
    super(
      `SharedMemory: there is shared memory with the name '${name}' already. Attach to it by leaving out create, take another name, or remove the old one with unlink() if nobody needs it.`,
      { code: 'EEXIST', ...options },
    );
    this.sharedMemoryName = name;
  }
}
brandError(SharedMemoryExistsError, 'SharedMemoryExistsError');

/** There is no shared memory of that name: it was never made, or was unlinked. Python: `FileNotFoundError`. */
export class NoSharedMemoryError extends ProcessError {
  /** Without a slash. */
  readonly sharedMemoryName: string;

  constructor(name: string, options: { cause?: unknown } = {}) {
    super(
      `SharedMemory: there is no shared memory with the name '${name}'. It was not created yet, or was unlinked; a Python that had attached to it with track=True unlinks it when it ends.`,
      { code: 'ENOENT', ...options },
    );
    this.sharedMemoryName = name;
  }
}
brandError(NoSharedMemoryError, 'NoSharedMemoryError');

/** The memory holds no ShareableList, or one that a careless writer has damaged. */
export class ShareableListError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_SHAREABLE_LIST', ...options });
  }
}
brandError(ShareableListError, 'ShareableListError');
