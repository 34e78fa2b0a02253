/** What the workers of every pool are asked to do. */
import { threadId } from 'node:worker_threads';

export class OrderError extends RangeError {
  override readonly name: string = 'OrderError';
  readonly code: string = 'ERR_ORDER';
  readonly order: { readonly id: number } = { id: 7 };
}

export const echo = (value: unknown): unknown => value;

export const whoami = (): { readonly pid: number; readonly threadId: number } => ({ pid: process.pid, threadId });

export const exit = (): never => process.exit(7);

export const kill = (): void => void process.kill(process.pid, 'SIGKILL');

export const returnFunction = (): unknown => ({ callback: () => 1 });

export function failOrder(): never {
  throw new OrderError('out of nails');
}

export function spin(): never {
  for (;;);
}

/** Long enough for another worker to take the next one. */
export async function pause(milliseconds: number): Promise<{ readonly pid: number; readonly threadId: number }> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return whoami();
}
