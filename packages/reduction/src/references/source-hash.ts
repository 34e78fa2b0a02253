/**
 * A 53-bit hash of the source text of a function or class, by which both sides know that they mean the same one.
 *
 * It guards against mistakes (an old file, a namesake), not against enemies: those may not name functions at all.
 * Own code, because loading `node:crypto` costs more than a process start should.
 */
export function sourceHash(text: string): number {
  let a = 0xdead_beef;
  let b = 0x41c6_ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x9e37_79b1);
    b = Math.imul(b ^ unit, 0x5f35_6495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85eb_ca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2_ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85eb_ca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2_ae35);
  return 0x1_0000_0000 * (b & 0x1f_ffff) + (a >>> 0);
}

const hashes = new WeakMap<object, number>();

/** The hash of a function's own text, computed once. */
// biome-ignore lint/complexity/noBannedTypes: any function has a text.
export function hashOf(fn: Function): number {
  let hash = hashes.get(fn);
  if (hash === undefined) {
    hash = sourceHash(Function.prototype.toString.call(fn));
    hashes.set(fn, hash);
  }
  return hash;
}
