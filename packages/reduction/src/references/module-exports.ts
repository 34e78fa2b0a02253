import { type Token, tokenize } from './lexer.ts';

/** The exports of a module, read from its text. */
export interface ModuleExports {
  /** By exported name, the name of the variable in the module. */
  readonly names: ReadonlyMap<string, string>;
  /** Where the function or class may be located whose value is the default export, as offsets into the text. */
  readonly defaultPlaces: readonly number[];
  /** The variables at the top level, exported or not, that have no value before the module has come to them. */
  readonly lexicals: ReadonlySet<string>;
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
  const defaultPlaces: number[] = [];
  const lexicals = new Map<string, string>();
  tokens.forEach((token, i) => {
    if (token.depth !== 0 || token.type !== 'name') return;
    if (token.text === 'const' || token.text === 'let') readVariables(tokens, i + 1, lexicals);
    else if (token.text === 'class') readDeclaration(tokens, i, (name) => lexicals.set(name, name));
    if (token.text !== 'export') return;
    if (tokens[i - 1]?.text === '.' || tokens[i + 1]?.text === ':') return;
    const next = tokens[i + 1];
    if (next?.text === 'default') readDefault(tokens, i + 2, names, defaultPlaces);
    else if (next?.text === '{') readList(tokens, i + 2, names);
    else if (next !== undefined && DECLARATIONS.has(next.text)) readVariables(tokens, i + 2, names);
    else readDeclaration(tokens, i + 1, (name) => names.set(name, name));
  });
  return { names, defaultPlaces, lexicals: new Set(lexicals.keys()) };
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

/**
 * `export default` of a declaration with a name is a variable of that name. Of anything else the value is in no
 * variable that could be asked for, so its place is noted; also of `export default name`, which copies the value.
 */
function readDefault(tokens: readonly Token[], from: number, names: Map<string, string>, places: number[]): void {
  const first = tokens[from];
  if (first === undefined) return;
  if (readDeclaration(tokens, from, (name) => names.set('default', name)) !== undefined) return;
  if (first.type === 'name' && !EXPRESSIONS.has(first.text)) {
    const declared = findDeclaration(tokens, first.text);
    if (declared !== undefined) notePlaces(tokens, declared, places);
  }
  notePlaces(tokens, from, places);
}

const EXPRESSIONS = new Set(['function', 'class', 'async']);

/** @returns where the function or class begins that a variable of the module is declared as */
function findDeclaration(tokens: readonly Token[], name: string): number | undefined {
  const at = tokens.findIndex(({ text, depth }, i) => {
    if (depth !== 0 || text !== name) return false;
    const before = tokens[i - 1]?.text ?? '';
    return before === 'function' || before === '*' || before === 'class' || DECLARATIONS.has(before);
  });
  if (at < 0) return undefined;
  const before = tokens[at - 1]?.text ?? '';
  if (!DECLARATIONS.has(before)) return before === '*' ? at - 2 : at - 1;
  const equals = tokens.findIndex(({ text, depth }, i) => i > at && depth === 0 && (text === '=' || text === ';'));
  return tokens[equals]?.text === '=' ? equals + 1 : undefined;
}

/**
 * V8 locates an arrow function where it begins, any other function at its parameters, a class without constructor at
 * the word `class`, and one with constructor at the parameters of that.
 */
function notePlaces(tokens: readonly Token[], from: number, places: number[]): void {
  const first = tokens[from];
  if (first === undefined) return;
  places.push(first.start);
  if (first.text !== 'class') {
    const parameters = tokens.slice(from, from + 5).find((token) => token.text === '(');
    if (parameters !== undefined) places.push(parameters.start);
    return;
  }
  for (let i = from + 1; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.depth === 0 && token.text === '}') return;
    if (token.depth === 1 && token.text === 'constructor' && tokens[i + 1]?.text === '(') {
      places.push((tokens[i + 1] as Token).start);
    }
  }
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

/** `a = 1, b: T = 2, { c, d: e } = …`: every name outside of types and initialisers. */
function readVariables(tokens: readonly Token[], from: number, names: Map<string, string>): void {
  let inInitialiser = false;
  let inType = false;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.depth === 0) {
      if (token.text === ';' || (token.type === 'name' && STATEMENTS.has(token.text) && !inInitialiser)) return;
      if (token.type === 'name' && token.text === 'export') return;
      // In a type, a comma may stand between `<` and `>`; better miss a variable than take what is no variable of ours.
      if (token.text === ':') inType = true;
      else if (token.text === '=') inType = false;
      if (token.text === '=' || token.text === ':') inInitialiser = true;
      else if (token.text === ',' && !inType) inInitialiser = false;
    }
    if (!inInitialiser && token.type === 'name') names.set(token.text, token.text);
  }
}
