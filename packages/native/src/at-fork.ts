/** What has to be done around a fork so that something goes on working in both processes. */
export interface ForkHooks {
  /** In the parent, immediately before. The latest registered comes first, as in pthread_atfork. */
  readonly prepare?: () => void;
  /**
   * In the parent, immediately after. The first registered comes first.
   *
   * @param forked - false: there is no child, the fork failed or has to be tried again
   */
  readonly parent?: (forked: boolean) => void;
  /** In the child, before anything else runs there. The first registered comes first. */
  readonly child?: () => void;
}

const registered: ForkHooks[] = [];

/**
 * Registers what is done around every fork of this process from now on. Hooks must neither wait nor throw; a module
 * registers once, while it is loaded, and keeps its own list of what is alive.
 */
export function atFork(hooks: ForkHooks): void {
  registered.push(hooks);
}

/**
 * Runs `fork`, which returns 0 in the child, with everybody's hooks around it.
 *
 * @param fork - the number of the child; anything that is no number means that there is none
 * @internal
 */
export function withForkHooks<T>(fork: () => number | T): number | T {
  for (const { prepare } of registered.toReversed()) prepare?.();
  let pid: number | T | undefined;
  try {
    pid = fork();
    return pid;
  } finally {
    for (const { parent, child } of registered) {
      if (pid === 0) child?.();
      else parent?.(typeof pid === 'number');
    }
  }
}
