import type { Incoming, MessageKind } from '../transport.ts';

const NOTHING: readonly never[] = [];

/** A message that lies in the ring. One object for all of them: a message is decoded before the next is looked at. */
export class InPlace implements Incoming {
  kind: MessageKind = 1;
  readonly bytes: Buffer;
  start = 0;
  end = 0;
  readonly buffers: readonly Uint8Array[] = NOTHING;
  descriptors: readonly number[] = NOTHING;
  readonly lasting = false;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  show(kind: MessageKind, start: number, end: number, descriptors: readonly number[] = NOTHING): this {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.descriptors = descriptors;
    return this;
  }

  keepBytes(): Uint8Array {
    return Buffer.from(this.bytes.subarray(this.start, this.end));
  }

  release(): void {}
}
