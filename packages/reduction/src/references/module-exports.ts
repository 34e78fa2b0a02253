import { type Token, tokenize } from './lexer.ts';

/** The exports of a module, read from its text. */
export interface ModuleExports {
  /** By exported name, the name of the variable in the module. */
  readonly names: ReadonlyMap<string, string>;
  /** Where the function or class of an `export default` without a name may be located, as offsets into the text. */
  readonly anonymousDefault: readonly number[];
}

const DECLARATIONS = new Set(['const', 'let', 'var']);
const MODIFIERS = new Set(['async', 'abstract', 'declare']);
const STATEMENTS = new Set(['export', 'import', 'function', 'class', 'const', 'let', 'var']);

/**
 * Finds the exports of a module that cannot be asked for them, because it is still running.
 *
 * It may find too much in strange code (a name in a destructuring pattern that is only a key): whoever uses a name
 * checks that its variable is the function that he looks for.
 *
 * @throws LexingError
 */
export function readModuleExports(text: string): ModuleExports {
  const tokens = tokenize(text);
  const names = new Map<string, string>();
  const anonymousDefault: number[] = [];
  tokens.forEach((token, i) => {
    if (token.depth !== 0 || token.type !== 'name' || token.text !== 'export') return;
    if (tokens[i - 1]?.text === '.' || tokens[i + 1]?.text === ':') return;
    const next = tokens[i + 1];
    if (next?.text === 'default') readDefault(tokens, i + 2, names, anonymousDefault);
    else if (next?.text === '{') readList(tokens, i + 2, names);
    else if (next !== undefined && DECLARATIONS.has(next.text)) readVariables(tokens, i + 2, names);
    else readDeclaration(tokens, i + 1, (name) => names.set(name, name));
  });
  return { names, anonymousDefault };
}

/** `function f`, `async function* f`, `class C`; @returns the index of the token after the name */
function readDeclaration(tokens: readonly Token[], from: number, found: (name: string) => void): number | undefined {
  let i = from;
  while (MODIFIERS.has(tokens[i]?.text ?? '')) i++;
  const keyword = tokens[i]?.text;
  if (keyword !== 'function' && keyword !== 'class') return undefined;
  i++;
  if (tokens[i]?.text === '*') i++;
  const name = tokens[i];
  if (name?.type !== 'name' || name.text === 'extends') return undefined;
  found(name.text);
  return i + 1;
}

function readDefault(tokens: readonly Token[], from: number, names: Map<string, string>, anonymous: number[]): void {
  const first = tokens[from];
  if (first === undefined) return;
  if (readDeclaration(tokens, from, (name) => names.set('default', name)) !== undefined) return;
  const after = tokens[from + 1];
  const isIdentifier =
    first.type === 'name' && first.text !== 'function' && first.text !== 'class' && first.text !== 'async';
  const ends =
    after === undefined ||
    after.text === ';' ||
    (after.type === 'name' && after.depth === 0 && after.text !== 'instanceof');
  if (isIdentifier && ends) {
    names.set('default', first.text);
    return;
  }
  // V8 locates an arrow function where it begins, any other function at its parameters, a class without constructor at
  // the word `class`, and one with constructor at the parameters of that.
  anonymous.push(first.start);
  if (first.text === 'class') {
    for (let i = from + 1; i < tokens.length; i++) {
      const token = tokens[i] as Token;
      if (token.depth === 0 && token.text === '}') break;
      if (token.depth === 1 && token.text === 'constructor' && tokens[i + 1]?.text === '(') {
        anonymous.push((tokens[i + 1] as Token).start);
      }
    }
    return;
  }
  const parameters = tokens.slice(from, from + 5).find((token) => token.text === '(');
  if (parameters !== undefined) anonymous.push(parameters.start);
}

/** `{ a, b as c, d as 'e' }`, unless it is followed by `from`. */
function readList(tokens: readonly Token[], from: number, names: Map<string, string>): void {
  const end = tokens.findIndex((token, i) => i >= from && token.depth === 0 && token.text === '}');
  if (end < 0 || tokens[end + 1]?.text === 'from') return;
  for (let i = from; i < end; i++) {
    const local = tokens[i] as Token;
    if (tokens[i + 1]?.text === 'as' && i + 2 < end) {
      names.set((tokens[i + 2] as Token).text, local.text);
      i += 2;
    } else if (local.type === 'name') names.set(local.text, local.text);
    if (tokens[i + 1]?.text === ',') i++;
  }
}

/** `a = 1, b, { c, d: e } = …`: every name outside of the initialisers. */
function readVariables(tokens: readonly Token[], from: number, names: Map<string, string>): void {
  let inInitialiser = false;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.depth === 0) {
      if (token.text === ';' || (token.type === 'name' && STATEMENTS.has(token.text) && !inInitialiser)) return;
      if (token.type === 'name' && token.text === 'export') return;
      if (token.text === '=') inInitialiser = true;
      else if (token.text === ',') inInitialiser = false;
    }
    if (!inInitialiser && token.type === 'name') names.set(token.text, token.text);
  }
}
