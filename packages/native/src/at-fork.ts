/** What has to be done around a fork so that something goes on working in both processes. */
export interface ForkHooks {
  /** In the parent, immediately before. The latest registered comes first, as in pthread_atfork. */
  readonly prepare?: () => void;
  /** In the parent, immediately after, also if the fork failed. The first registered comes first. */
  readonly parent?: () => void;
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

/** @internal Runs `fork`, which returns 0 in the child, with everybody's hooks around it. */
export function withForkHooks(fork: () => number): number {
  for (const { prepare } of registered.toReversed()) prepare?.();
  let pid: number | undefined;
  try {
    pid = fork();
    return pid;
  } finally {
    for (const { parent, child } of registered) (pid === 0 ? child : parent)?.();
  }
}
