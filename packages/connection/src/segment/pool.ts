import { atFork } from '@mp/native';
import { Segment } from './segment.ts';

/** Free memory that is kept warm for the next large message. Beyond it, pages go back to the system at once. */
const KEEP_FREE_BYTES = 256 << 20;
/** A segment that nobody asked for during so long is given back. */
const KEEP_FREE_MS = 10_000;

/** The segments that this process sends large messages in, whatever the connection. */
class SegmentPool {
  #segments: Segment[] = [];
  #acquisitions = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastSweep = 0;

  /** A segment of at least `bytes`, marked as in use. */
  acquire(bytes: number): Segment {
    const size = Segment.classOf(bytes);
    // The one used last is the warmest.
    let found: Segment | undefined;
    if (this.#segments.some((segment) => segment.forked)) this.#letGoOfForked();
    for (const segment of this.#segments) {
      if (segment.size === size && segment.free && (found === undefined || segment.lastUse > found.lastUse)) {
        found = segment;
      }
    }
    if (found === undefined) {
      found = new Segment(bytes);
      this.#segments.push(found);
    }
    found.occupy();
    found.lastUse = ++this.#acquisitions;
    this.#keepWithin(KEEP_FREE_BYTES);
    this.#timer ??= setInterval(() => this.#sweep(), KEEP_FREE_MS).unref();
    return found;
  }

  /**
   * The receiver of the message of that use is gone without freeing it, or will outlive our interest in it: the pool
   * lets go of the segment, unless it holds another message by now.
   */
  forget(segment: Segment, use: number): void {
    const index = this.#segments.indexOf(segment);
    if (index === -1 || !segment.holds(use)) return;
    this.#segments.splice(index, 1);
    segment.abandon();
  }

  /** How much memory the pool holds, and how much of it nobody uses. */
  statistics(): { readonly segments: number; readonly bytes: number; readonly freeBytes: number } {
    let bytes = 0;
    let freeBytes = 0;
    for (const segment of this.#segments) {
      bytes += segment.size;
      if (segment.free) freeBytes += segment.size;
    }
    return { segments: this.#segments.length, bytes, freeBytes };
  }

  /** Gives back everything that is free; forgets the rest, which its receivers keep alive. */
  clear(): void {
    for (const segment of this.#segments) {
      if (segment.free) segment.drop();
      else segment.abandon();
    }
    this.#segments = [];
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** In a child that was forked: the parent uses them. Nothing is written into them, which all would see. */
  afterFork(): void {
    for (const segment of this.#segments) segment.abandon();
    this.#segments = [];
    this.#timer = undefined;
  }

  #letGoOfForked(): void {
    for (const segment of this.#segments) if (segment.forked) segment.abandon();
    this.#segments = this.#segments.filter((segment) => segment.mapped);
  }

  #keepWithin(limit: number): void {
    const free = this.#segments.filter((segment) => segment.free).sort((a, b) => b.lastUse - a.lastUse);
    let kept = 0;
    for (const segment of free) {
      kept += segment.size;
      if (kept > limit) this.#drop(segment);
    }
  }

  #sweep(): void {
    for (const segment of [...this.#segments]) {
      if (segment.free && segment.lastUse <= this.#lastSweep) this.#drop(segment);
    }
    this.#lastSweep = this.#acquisitions;
    if (this.#segments.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #drop(segment: Segment): void {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    segment.drop();
  }
}

export const segmentPool: SegmentPool = new SegmentPool();
atFork({ child: () => segmentPool.afterFork() });
