import { isUtf8 } from 'node:buffer';

/**
 * Text as Python's pickles have it: UTF-8, in which single surrogates are written too (`surrogatepass`).
 * A JavaScript string and a Python str can both have them, so none is lost.
 */
export function encodeText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    parts.push(isSurrogate(code) ? threeBytes(code) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** Undefined: it is not text at all. */
export function decodeText(bytes: Buffer): string | undefined {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== SURROGATE_LEAD || (bytes[i + 1] ?? 0) < SURROGATE_SECOND || i + 2 >= bytes.length) continue;
    const before = bytes.subarray(from, i);
    const third = bytes[i + 2] as number;
    if (!isUtf8(before) || third >> 6 !== 2) return undefined;
    const code = ((SURROGATE_LEAD & 0xf) << 12) | (((bytes[i + 1] as number) & 0x3f) << 6) | (third & 0x3f);
    parts.push(before.toString('utf8'), String.fromCharCode(code));
    from = i + 3;
    i += 2;
  }
  const rest = bytes.subarray(from);
  return from > 0 && isUtf8(rest) ? parts.join('') + rest.toString('utf8') : undefined;
}

/** How the three bytes of a surrogate begin. */
const SURROGATE_LEAD = 0xed;
const SURROGATE_SECOND = 0xa0;

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

const threeBytes = (code: number): Buffer =>
  Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
