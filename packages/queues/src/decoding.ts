import { ClosedError } from '@mp/errors';
import { closeDescriptor } from '@mp/native';
import { type IncomingPickle, ModuleNotLoadedError, Unpickler } from '@mp/reduction';
import type { BlockTable } from './blocks/block-table.ts';
import { buffersOf, readLabel } from './blocks/parcel.ts';
import type { Desk } from './desk/desk.ts';
import { IN_BLOCK } from './log/record.ts';
import type { Piece, QueueSpace } from './memory/space.ts';
import type { Ledger } from './tasks/ledger.ts';

const NOTHING: readonly never[] = [];

export const unpickler: Unpickler = new Unpickler();

/** A message that this thread has taken and has to decode: it lies on a desk, and perhaps in a block. */
export interface Claim {
  readonly desk: Desk;
  readonly incoming: IncomingPickle & { readonly descriptors: readonly number[] };
  /** The block that it lies in. */
  readonly block: { readonly index: number; readonly piece: Piece } | undefined;
  /** Code of the user runs at the moment, in the middle of it. */
  decoding: boolean;
  /** The queue was closed meanwhile, and the message is not ours any more. */
  givenBack: boolean;
}

/** Decodes the messages that lie on desks of this thread. */
export class Decoding {
  readonly #space: QueueSpace;
  readonly #blocks: BlockTable;
  readonly #ledger: Ledger | undefined;
  readonly #onUndecodable: () => void;
  readonly #claims = new Set<Claim>();
  /** A message that could not be decoded without loading a module first: the next one to be got. */
  #held: Claim | undefined;

  /** @param onUndecodable - called when a message was taken that nobody will ever have */
  constructor(space: QueueSpace, blocks: BlockTable, ledger: Ledger | undefined, onUndecodable: () => void) {
    this.#space = space;
    this.#blocks = blocks;
    this.#ledger = ledger;
    this.#onUndecodable = onUndecodable;
  }

  /** Whether a message waits for its module. It is next. */
  get hasHeld(): boolean {
    return this.#held !== undefined;
  }

  /** The message on a desk at which this thread sits. */
  open(desk: Desk, descriptors: readonly number[]): Claim {
    let incoming: Claim['incoming'] = { bytes: desk.bytes, start: 0, end: desk.length, descriptors };
    let block: Claim['block'];
    if ((desk.second & IN_BLOCK) !== 0) {
      const label = readLabel(desk.bytes, 0);
      try {
        block = { index: label.block, piece: this.#space.pin(label.chunk, this.#blocks.countOf(label.block)) };
      } catch (error) {
        // It is there for whoever has the memory for it.
        for (const descriptor of descriptors) closeDescriptor(descriptor);
        desk.leave();
        throw error;
      }
      const { offset, length } = label;
      incoming = { bytes: block.piece.bytes, start: offset, end: offset + length, descriptors };
    }
    const claim = { desk, incoming, block, decoding: false, givenBack: false };
    this.#claims.add(claim);
    return claim;
  }

  /**
   * Decodes it.
   *
   * @param sync - false: the result is a promise if a module has to be loaded first
   * @throws ModuleNotLoadedError with `sync`, if Node cannot load it so: the message is held
   */
  decode(claim: Claim, sync: boolean): unknown {
    if (!sync) {
      const loading = unpickler.prepare(claim.incoming);
      if (loading === undefined) return this.#finish(claim);
      return loading.then(
        () => this.#finish(claim),
        (error) => this.fail(claim, error),
      );
    }
    try {
      unpickler.prepareSync(claim.incoming);
    } catch (error) {
      if (!(error instanceof ModuleNotLoadedError)) this.fail(claim, error);
      this.#held = claim;
      throw error;
    }
    return this.#finish(claim);
  }

  decodeHeld(sync: boolean): unknown {
    const held = this.#held!;
    this.#held = undefined;
    return this.decode(held, sync);
  }

  /** It cannot be decoded. */
  fail(claim: Claim, error: unknown): never {
    if (claim.givenBack) throw givenBack();
    for (const descriptor of claim.incoming.descriptors) closeDescriptor(descriptor);
    this.#clear(claim, false);
    throw error;
  }

  /** This process has been forked from the one that decodes them. */
  forget(): void {
    for (const claim of this.#claims) claim.givenBack = true;
    this.#claims.clear();
    this.#held = undefined;
  }

  /** Leaves the messages where they are, for other readers. Descriptors cannot stay there: such a message is lost. */
  close(): void {
    for (const claim of this.#claims) {
      claim.givenBack = true;
      if (claim.decoding) {
        // Whoever closes is code that decodes this very message, which will be got.
        this.#clear(claim, true);
        continue;
      }
      for (const descriptor of claim.incoming.descriptors) closeDescriptor(descriptor);
      claim.desk.leave();
    }
    this.#claims.clear();
    this.#held = undefined;
  }

  #finish(claim: Claim): unknown {
    if (claim.givenBack) throw givenBack();
    const { block } = claim;
    let incoming: IncomingPickle = claim.incoming;
    let decoded = false;
    try {
      if (block !== undefined) incoming = { ...incoming, buffers: buffersOf(block.piece) };
      claim.decoding = true;
      const value = unpickler.finish(incoming);
      decoded = true;
      return value;
    } finally {
      claim.decoding = false;
      for (const descriptor of incoming.unclaimed ?? NOTHING) closeDescriptor(descriptor);
      if (!claim.givenBack) this.#clear(claim, decoded);
    }
  }

  /** The message is ours, or nobody's. */
  #clear(claim: Claim, decoded: boolean): void {
    const { desk, block } = claim;
    this.#claims.delete(claim);
    this.#ledger?.taking(desk.number);
    desk.clear();
    desk.leave();
    this.#ledger?.took();
    if (block !== undefined) {
      this.#space.unpin(block.piece);
      // Last: who is killed in between has wasted a block, and given it to nobody who still reads it.
      this.#blocks.free(block.index);
    }
    if (!decoded) this.#onUndecodable();
  }
}

const givenBack = (): ClosedError =>
  new ClosedError(
    'get: the queue was closed by this process while a module was loaded for a message. Another process can get it.',
  );
