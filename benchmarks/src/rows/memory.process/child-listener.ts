import { parentPort } from 'node:worker_threads';

/** An idle process or thread that would answer a message. */
export function otherEnd(): void {
  if (parentPort === null) process.on('message', (message) => process.send!(message));
  else parentPort.on('message', (message) => parentPort!.postMessage(message));
}
