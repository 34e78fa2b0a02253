import { type RebuildContext, type ReduceContext, register } from '@mp/reduction';
import { JoinableQueue } from './joinable-queue.ts';
import { QueueSpace } from './memory/space.ts';
import { Queue } from './queue.ts';
import { SimpleQueue } from './simple-queue.ts';

/** How a queue travels inside a message: by its descriptors. */
type ReducedQueue = readonly number[];

function reduce(queue: Queue, context: ReduceContext): ReducedQueue {
  if (queue.closed) throw new Error('the queue is closed');
  const descriptors = queue.shared.space.descriptors.map((descriptor) => context.descriptor(descriptor));
  queue.shared.holders.add();
  return descriptors;
}

function rebuild(reduced: ReducedQueue, context: RebuildContext): QueueSpace {
  const [memory, into, outOf] = reduced.map((index) => context.descriptor(index));
  return new QueueSpace([memory!, into!, outOf!]);
}

const module = import.meta.url;

register(Queue, {
  name: '@mp/queues.Queue',
  module,
  reduce,
  rebuild: (reduced: ReducedQueue, context) => new Queue(rebuild(reduced, context)),
});

register(JoinableQueue, {
  name: '@mp/queues.JoinableQueue',
  module,
  reduce,
  rebuild: (reduced: ReducedQueue, context) => new JoinableQueue(rebuild(reduced, context)),
});

register(SimpleQueue, {
  name: '@mp/queues.SimpleQueue',
  module,
  reduce: ({ queue }, context) => reduce(queue, context),
  rebuild: (reduced: ReducedQueue, context) => new SimpleQueue(new Queue(rebuild(reduced, context))),
});
