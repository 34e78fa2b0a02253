/** What a worker thread runs. The pool's side is worker-thread.ts. */

import { workerData } from 'node:worker_threads';
import { Connection, type EndDescriptors, LocalEnd } from '@mp/connection/internal';
import { threadId } from '@mp/native';
import { joinFamily } from '@mp/process/internal';
import type { FromWorker, ToWorker } from '../protocol.ts';
import { serve } from '../worker/serve.ts';
import { EXIT_CODE, THREAD, type ThreadData } from './thread-data.ts';

const { authkey, descriptors, note } = workerData as ThreadData;
joinFamily(authkey);
Atomics.store(note, EXIT_CODE, 1);
Atomics.store(note, THREAD, threadId());
process.on('exit', (code) => Atomics.store(note, EXIT_CODE, code));

await serve(new Connection<ToWorker, FromWorker>(new LocalEnd(descriptors as EndDescriptors, 1)));
// Timers and sockets that tasks have left behind would keep the thread. The pipe is closed by who has made it.
process.exit();
