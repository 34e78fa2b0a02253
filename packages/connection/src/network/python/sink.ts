const FIRST_BYTES = 1 << 10;
/** What is larger is not kept for the next pickle. */
const MOST_KEPT = 1 << 20;

/** The bytes of a pickle that is being written; the memory is used again. */
export class Sink {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written; good until the next {@link reset}. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  reset(): void {
    this.#length = 0;
    if (this.#bytes.length > MOST_KEPT) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  opcode8(opcode: number, value: number): void {
    this.byte(opcode);
    this.byte(value);
  }

  opcode16(opcode: number, value: number): void {
    this.byte(opcode);
    const at = this.#room(2);
    this.#bytes.writeUInt16LE(value, at);
  }

  opcode32(opcode: number, value: number): void {
    this.byte(opcode);
    const at = this.#room(4);
    this.#bytes.writeInt32LE(value | 0, at);
  }

  opcode64(opcode: number, value: number): void {
    this.byte(opcode);
    const at = this.#room(8);
    this.#bytes.writeBigUInt64LE(BigInt(value), at);
  }

  double(opcode: number, value: number): void {
    this.byte(opcode);
    const at = this.#room(8);
    this.#bytes.writeDoubleBE(value, at);
  }

  append(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Where the next `count` bytes go. */
  #room(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }
}
