import { AbortError } from '@mp/errors';
import type { Report } from './row.ts';

/** Somebody whose rounds are wanted. */
export interface Contender {
  readonly name: string;
  start(): Promise<Started>;
}

export interface Started {
  warm(): Promise<void>;
  round(): Promise<Report>;
  close(): Promise<void>;
}

/** What became of a contender: its rounds, or the error after which it was left alone. */
export interface Outcome {
  readonly reports: readonly Report[];
  /** Whether all of its rounds are there. */
  readonly complete: boolean;
  readonly failure: unknown;
}

export interface Schedule {
  readonly rounds: number;
  /** Between two turns: what the last one has left to be done (collecting garbage, closing) is not to slow the next. */
  pause(): Promise<void>;
  /** For whoever watches: after each turn. */
  turned?(name: string, round: number): void;
}

/**
 * Takes turns: each contender starts and warms up; then ours, the second, the third, …, ours, the second, ….
 *
 * What slows the machine for a while so slows all of them, and not the one whose turn it happened to be. One that fails
 * gets no more turns, and the others go on. All of them are closed at the end.
 *
 * @throws AbortError: everybody is closed
 */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, pause, turned }: Schedule,
): Promise<ReadonlyMap<string, Outcome>> {
  const running = new Map<string, Started>();
  const reports = new Map(contenders.map(({ name }) => [name, [] as Report[]]));
  const failures = new Map<string, unknown>();
  const attempt = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof AbortError) throw error;
      // The first error is the reason, what comes after it are its consequences.
      if (!failures.has(name)) failures.set(name, error);
      await close(name);
    }
  };
  const close = async (name: string): Promise<void> => {
    const started = running.get(name);
    running.delete(name);
    if (started !== undefined) await attempt(name, () => started.close());
  };
  try {
    for (const { name, start } of contenders) {
      await attempt(name, async () => {
        const started = await start();
        running.set(name, started);
        await started.warm();
      });
      turned?.(name, 0);
      await pause();
    }
    for (let round = 1; round <= rounds; round++) {
      for (const [name, started] of [...running]) {
        await attempt(name, async () => reports.get(name)!.push(await started.round()));
        turned?.(name, round);
        await pause();
      }
    }
  } finally {
    await Promise.all([...running.keys()].map(close));
  }
  return new Map(
    [...reports].map(([name, all]) => {
      return [name, { reports: all, complete: all.length === rounds, failure: failures.get(name) }];
    }),
  );
}
