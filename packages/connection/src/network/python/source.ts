/** The bytes of a pickle, read from front to back. Throws when there are too few. */
export class Source {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  }

  get finished(): boolean {
    return this.#at === this.#bytes.length;
  }

  get position(): number {
    return this.#at;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#step(1));
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#step(2));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#step(4));
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.#step(4));
  }

  uint64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#step(8)));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#step(8));
  }

  /** A view. */
  bytes(length: number): Buffer {
    const start = this.#step(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Up to the end of the line, without it. */
  line(): Buffer {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end === -1) throw new RangeError('it is cut off');
    const line = this.bytes(end - this.#at);
    this.#at++;
    return line;
  }

  #step(length: number): number {
    const start = this.#at;
    if (!(length >= 0) || length > this.#bytes.length - start) throw new RangeError('it is cut off');
    this.#at += length;
    return start;
  }
}
