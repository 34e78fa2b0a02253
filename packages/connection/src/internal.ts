/**
 * For the packages of @mp only: how a process that has just been started gets its first connection, and pipes without
 * the network, which no child need load. Not part of the public interface; it changes without notice.
 */
import './pickling.ts';

export { Connection } from './connection.ts';
export { DescriptorChannel } from './descriptor-channel.ts';
export { DescriptorReadiness } from './descriptor-readiness.ts';
export { duplicateAll } from './duplicate-all.ts';
export { Fifo } from './fifo.ts';
export { Inbox, type InboxHandler } from './inbox.ts';
export { type EndDescriptors, LocalEnd } from './local/end.ts';
export type { Revocable } from './local/sender.ts';
export { Pipe } from './pipe.ts';
export { Spin } from './spin.ts';
export { wait, waitSync } from './wait.ts';
export { type Readiness, sleepUntilOneIsReady, waitable } from './waitable.ts';
