/**
 * Cuts JavaScript into tokens: only as far as is needed to find the `export` statements of a module and the private
 * members of a class without being fooled by comments, strings, templates and regular expressions.
 *
 * It is not a parser. Where a `/` could be either, it follows the rules of es-module-lexer: what stands before the
 * parenthesis or the brace that was just closed decides.
 */
export interface Token {
  readonly type: 'name' | 'private' | 'string' | 'number' | 'template' | 'regex' | 'punctuator';
  /** The text; of a string what is between the quotes. */
  readonly text: string;
  readonly start: number;
  /** How many brackets of any kind are open around it; an opening and its closing bracket have the same depth. */
  readonly depth: number;
}

/** Names after which an expression begins. */
const BEFORE_EXPRESSION = new Set(
  'await case delete do else extends in instanceof new of return throw typeof void yield default'.split(' '),
);
const BEFORE_CONDITION = new Set(['if', 'while', 'for', 'with']);
const NAME = /(?:[\p{ID_Start}$_]|\\u[\da-fA-F{}]+)(?:[\p{ID_Continue}$]|\u200c|\u200d|\\u[\da-fA-F{}]+)*/uy;
const NUMBER = /(?:0[xXoObB][\da-fA-F_]+|[\d_]*\.?[\d_]+(?:[eE][+-]?\d+)?|\d+\.)n?/y;
const SPACE = /\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\//y;
const PUNCTUATOR = /=>|\?\.(?!\d)|\+\+|--|\.\.\.|[\s\S]/y;

interface Bracket {
  readonly text: string;
  /** Whether a `/` after the closing bracket begins a regular expression. */
  readonly regexFollows: boolean;
  /** `${`: the template goes on after it. */
  readonly inTemplate: boolean;
}

/** The text cannot be followed to its end: it is not JavaScript, or too clever. */
export class LexingError extends Error {}

class Lexer {
  readonly #text: string;
  #at = 0;
  readonly tokens: Token[] = [];
  readonly #brackets: Bracket[] = [];
  #regexNext = true;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    const text = this.#text;
    if (text.startsWith('#!')) this.#at = Math.max(text.indexOf('\n'), 0) || text.length;
    for (;;) {
      while (this.#match(SPACE) !== undefined);
      if (this.#at >= text.length) break;
      this.#token(text[this.#at] as string);
    }
    if (this.#brackets.length > 0) throw new LexingError('a bracket is not closed');
    return this.tokens;
  }

  #token(first: string): void {
    if (first === '"' || first === "'") this.#string(first);
    else if (first === '`') this.#template();
    else if (first === '#') this.#private();
    else if (/[\p{ID_Start}$_\\]/u.test(this.#codePoint())) this.#name();
    else if (/\d/.test(first) || (first === '.' && /\d/.test(this.#text[this.#at + 1] ?? ''))) this.#number();
    else if (first === '/' && this.#regexNext) this.#regex();
    else this.#punctuator();
  }

  #codePoint(): string {
    return String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || found === '') return undefined;
    this.#at += found.length;
    return found;
  }

  #add(type: Token['type'], text: string, start: number, regexNext: boolean): void {
    this.tokens.push({ type, text, start, depth: this.#brackets.length });
    this.#regexNext = regexNext;
  }

  #name(): void {
    const start = this.#at;
    const text = this.#match(NAME);
    if (text === undefined) throw new LexingError('a name is none');
    const before = this.tokens.at(-1)?.text;
    this.#add('name', text, start, before !== '.' && before !== '?.' && BEFORE_EXPRESSION.has(text));
  }

  #private(): void {
    const start = this.#at++;
    if (this.#match(NAME) === undefined) throw new LexingError('a # stands alone');
    this.#add('private', this.#text.slice(start, this.#at), start, false);
  }

  #number(): void {
    const start = this.#at;
    const text = this.#match(NUMBER) ?? '';
    if (text === '') throw new LexingError('a number is none');
    this.#add('number', text, start, false);
  }

  #string(quote: string): void {
    const start = this.#at++;
    for (let c = this.#text[this.#at]; c !== quote; c = this.#text[this.#at]) {
      if (c === undefined || c === '\n') throw new LexingError('a string is not closed');
      this.#at += c === '\\' ? 2 : 1;
    }
    this.#at++;
    this.#add('string', this.#text.slice(start + 1, this.#at - 1), start, false);
  }

  /** From the backtick, or from the brace that closes a substitution, to the next substitution or the end. */
  #template(): void {
    const start = this.#at++;
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined) throw new LexingError('a template is not closed');
      if (c === '`') {
        this.#at++;
        this.#add('template', this.#text.slice(start, this.#at), start, false);
        return;
      }
      if (c === '$' && this.#text[this.#at + 1] === '{') {
        this.#at += 2;
        this.#add('template', this.#text.slice(start, this.#at), start, true);
        this.#brackets.push({ text: '{', regexFollows: false, inTemplate: true });
        return;
      }
      this.#at += c === '\\' ? 2 : 1;
    }
  }

  #regex(): void {
    const start = this.#at++;
    let inClass = false;
    for (let c = this.#text[this.#at]; c !== '/' || inClass; c = this.#text[this.#at]) {
      if (c === undefined || c === '\n') throw new LexingError('a regular expression is not closed');
      if (c === '[') inClass = true;
      else if (c === ']') inClass = false;
      this.#at += c === '\\' ? 2 : 1;
    }
    this.#at++;
    this.#match(NAME);
    this.#add('regex', this.#text.slice(start, this.#at), start, false);
  }

  #punctuator(): void {
    const start = this.#at;
    const text = this.#match(PUNCTUATOR) as string;
    if (text === '(' || text === '[' || text === '{') this.#open(text, start);
    else if (text === ')' || text === ']' || text === '}') this.#close(text, start);
    else this.#add('punctuator', text, start, text !== '++' && text !== '--');
  }

  #open(text: string, start: number): void {
    const before = this.tokens.at(-1);
    let regexFollows = false;
    if (text === '(') regexFollows = before?.type === 'name' && BEFORE_CONDITION.has(before.text);
    if (text === '{') regexFollows = this.#opensBlock(before);
    this.#add('punctuator', text, start, true);
    this.#brackets.push({ text, regexFollows, inTemplate: false });
  }

  /** A brace opens a block, and no object, after a statement, a parameter list or an arrow. */
  #opensBlock(before: Token | undefined): boolean {
    if (before === undefined) return true;
    if (before.type === 'name')
      return !BEFORE_EXPRESSION.has(before.text) || before.text === 'do' || before.text === 'else';
    return before.type === 'punctuator' && [')', ';', '{', '}', '=>', ':'].includes(before.text);
  }

  #close(text: string, start: number): void {
    const open = this.#brackets.pop();
    if (open === undefined || (open.text === '(' ? ')' : open.text === '[' ? ']' : '}') !== text) {
      throw new LexingError('brackets do not match');
    }
    if (open.inTemplate) {
      this.#at = start;
      this.#template();
    } else this.#add('punctuator', text, start, open.regexFollows);
  }
}

/** @throws LexingError */
export const tokenize = (text: string): readonly Token[] => new Lexer(text).run();
