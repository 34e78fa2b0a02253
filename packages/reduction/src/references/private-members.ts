import type { AnyClass } from '../registry.ts';
import { LexingError, type Token, tokenize } from './lexer.ts';

/**
 * Whether a class gives its instances private members (`#name`), which nobody else can read or restore: they cannot be
 * pickled, unless the class is registered. What it inherits is not looked at, and static members do not count.
 *
 * Python has no counterpart: there nothing is private.
 *
 * @example
 * ```ts
 * class Account {
 *   #balance = 0;
 * }
 * hasPrivateMembers(Account); // => true
 * ```
 */
export const hasPrivateMembers = (Class: AnyClass): boolean =>
  declaresPrivateMembers(Function.prototype.toString.call(Class));

/** @param text - the text of the class; what is not the text of a class has none */
export function declaresPrivateMembers(text: string): boolean {
  if (!text.includes('#')) return false;
  let tokens: readonly Token[];
  try {
    tokens = tokenize(text);
  } catch (error) {
    // Better a refusal with a cure than an object whose methods throw.
    if (error instanceof LexingError) return true;
    throw error;
  }
  if (tokens[0]?.text !== 'class') return false;
  return tokens.some((token, i) => token.type === 'private' && token.depth === 1 && isInstanceMember(tokens, i));
}

/** At the level of the class body; not `this.#x` in an initialiser, and not `static async *#x`. */
function isInstanceMember(tokens: readonly Token[], at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    const { text } = tokens[i] as Token;
    if (text === '.' || text === '?.') return false;
    if (text === 'static') return false;
    if (text !== 'async' && text !== '*' && text !== 'get' && text !== 'set' && text !== 'accessor') return true;
  }
  return true;
}
