import type { DescriptorChannel } from '@mp/connection/internal';
import type { BlockTable } from './blocks/block-table.ts';
import { QueueShutDownError } from './errors.ts';
import { DESCRIPTORS_SHIFT, TAG_SHIFT } from './log/record.ts';
import { LogWriter } from './log/writer.ts';
import { FLAGS, MAX_SIZE, PUT, SHUT, TAKEN, WRITER_LOCK } from './memory/layout.ts';
import { PatientLock } from './memory/patient-lock.ts';
import type { QueueSpace } from './memory/space.ts';
import type { Outgoing } from './outgoing.ts';
import { CONTENDED, NOT_YET, type Unsuccessful } from './waiting/attempt.ts';

/** Puts messages into the log, one process at a time. */
export class Putter {
  readonly #words: Int32Array;
  readonly #blocks: BlockTable;
  readonly #channel: DescriptorChannel;
  readonly #log: LogWriter;
  readonly #lock: PatientLock;
  readonly #maxSize: number;

  constructor(space: QueueSpace, blocks: BlockTable, channel: DescriptorChannel) {
    this.#words = space.words;
    this.#blocks = blocks;
    this.#channel = channel;
    this.#log = new LogWriter(space);
    this.#lock = new PatientLock(space.words, WRITER_LOCK);
    this.#maxSize = space.words[MAX_SIZE]!;
  }

  get isFull(): boolean {
    if (this.#maxSize === 0) return false;
    return ((Atomics.load(this.#words, PUT) - Atomics.load(this.#words, TAKEN)) | 0) >= this.#maxSize;
  }

  /** Puts a message, or nothing of it. */
  publish(message: Outgoing): true | Unsuccessful {
    if (!this.#lock.tryAcquire()) return CONTENDED;
    try {
      if (this.#words[FLAGS] !== 0) throw shutDown();
      if (this.isFull) return NOT_YET;
      const { descriptors, block } = message;
      let { second } = message;
      if (descriptors.length > 0) {
        const tag = this.#channel.send(this.#words[PUT]!, descriptors);
        if (tag === undefined) return NOT_YET;
        second |= (descriptors.length << DESCRIPTORS_SHIFT) | (tag << TAG_SHIFT);
      }
      if (block !== undefined) this.#blocks.send(block);
      if (this.#log.append(second, message.bytes, message.start, message.end)) return true;
      if (block !== undefined) this.#blocks.unsend(block);
      return NOT_YET;
    } finally {
      this.#lock.release();
    }
  }

  /** Nothing is published after this. */
  shut(flags: number): void {
    this.#lock.acquire();
    Atomics.or(this.#words, FLAGS, flags | SHUT);
    this.#lock.release();
  }
}

const shutDown = (): QueueShutDownError =>
  new QueueShutDownError('put: the queue was shut down; nothing can be put any more.');
