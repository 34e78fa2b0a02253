// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are programs.
import { describe, expect, test } from 'vitest';
import { LexingError, tokenize } from '../src/references/lexer.ts';
import { readModuleExports } from '../src/references/module-exports.ts';
import { declaresPrivateMembers } from '../src/references/private-members.ts';

const names = (text: string): Record<string, string> => Object.fromEntries(readModuleExports(text).names);

describe('the exports of a module are found', () => {
  test.each<[string, string, Record<string, string>]>([
    [
      'functions',
      'export function f() {} export async function g() {} export function* h() {} export async function* i() {}',
      { f: 'f', g: 'g', h: 'h', i: 'i' },
    ],
    ['classes', 'export class A {} export class B extends A { m() { return {} } }', { A: 'A', B: 'B' }],
    [
      'variables',
      'export const a = 1, b = (x, y) => [x, y], c = { d: 1, e: 2 };\nexport let f\nexport var g = 2',
      { a: 'a', b: 'b', c: 'c', f: 'f', g: 'g' },
    ],
    [
      'destructured variables',
      'export const { a, b: c, ...d } = x, [e, [f]] = y;',
      { a: 'a', b: 'b', c: 'c', d: 'd', e: 'e', f: 'f' },
    ],
    [
      'lists',
      'const a = 1; export { a, b as c, d as default, e as "with space" }; export {}',
      { a: 'a', c: 'b', default: 'd', 'with space': 'e' },
    ],
    ['named defaults', 'export default function f() {}', { default: 'f' }],
    ['default classes', 'export default class K extends (class {}) {}', { default: 'K' }],
    [
      'nothing of other modules',
      'export { a } from "./a.js"; export * from "./b.js"; export * as ns from "./c.js";',
      {},
    ],
    [
      'nothing of TypeScript’s types',
      'export type T = { a: 1 }; export interface I { b: 2 } export function f(): void {}',
      { f: 'f' },
    ],
    ['nothing in comments', '// export const a = 1\n/* export const b = 2 */ export const c = 3;', { c: 'c' }],
    [
      'nothing in strings',
      'const s = "export const a = 1"; const t = \'export { b }\'; export const c = `export const d = ${`}`} export const e`;',
      { c: 'c' },
    ],
    [
      'nothing in regular expressions',
      'const r = /export const a = "/; if (x) /`/.test(y); export const c = a / b / `c`;',
      { c: 'c' },
    ],
    ['nothing in blocks', 'function f() { const o = { export: 1 }; } export const c = o.export;', { c: 'c' }],
    [
      'what follows templates with templates in them',
      'const t = `a${b ? `${c}}` : "`"}d`; export const e = 1;',
      { e: 'e' },
    ],
    ['what follows a division after a brace', 'const o = {} / 2; export const e = 1 /* / */ / 2;', { e: 'e' }],
    ['what follows a regular expression after a block', 'if (a) { b } /`/.test(c); export const e = 1;', { e: 'e' }],
    ['what follows a shebang', '#!/usr/bin/env node `\nexport const e = 1;', { e: 'e' }],
    ['names of other alphabets', 'export const größe = 1, 変数 = 2;', { größe: 'größe', 変数: '変数' }],
  ])('%s', (_, text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    ['an arrow function', 'export default async (x) => x;', 'async (x)'],
    ['a function', 'export default function (x) {}', '(x) {}'],
    ['an async generator', 'export default async function* (x) {}', '(x) {}'],
    ['a class', 'export default class { m() {} }', 'class {'],
    ['a class with a constructor', 'export default class { m() { constructor(1) } constructor(x) {} }', '(x) {}'],
    ['an arrow function with a name of its own', 'const f = (x) => x;\nexport default f;', '(x) => x'],
    ['a function with a name of its own', 'export default f;\nfunction f(x) {}', '(x) {}'],
    ['a class with a name of its own', 'class K {}\nexport default K;', 'class K'],
  ])('and the place of %s that is the default', (_, text, place) => {
    expect(readModuleExports(text).defaultPlaces).toContain(text.indexOf(place));
  });
});

test.each(['const a = "', 'const a = `${', 'f(', ')', '/a', 'const a = "\n"', '{ ( }', '# x'])(
  'what is no JavaScript, such as %j, is an error',
  (text) => {
    expect(() => tokenize(text)).toThrow(LexingError);
  },
);

test.each<[boolean, string]>([
  [true, 'class A { #x = 1; }'],
  [true, 'class A extends B { constructor() { super(); } #m() {} }'],
  [true, 'class A { get #x() { return 1; } }'],
  [true, 'class A { async *#x() {} }'],
  [true, 'class A { "a" = /#/; [`b${1}`] = 2; #c }'],
  [false, 'class A { static #x = 1; m() { return A.#x; } }'],
  [false, 'class A { static async #x() {} static get #y() { return 1; } }'],
  [false, 'class A { x = "#y"; y = `#z`; z = /#w/; /* #v */ }'],
  [false, 'class A { m() { return class B { #x }; } }'],
  [false, 'class A { x = A.#y; static #y = 1; }'],
  [false, 'function A() { "#x" }'],
  [true, 'class A { #x = `${ }'],
])('private members of instances: %s for %s', (expected, text) => {
  expect(declaresPrivateMembers(text)).toBe(expected);
});

test('the variables that have no value at first are those that the module declares, and not what their types name', () => {
  const { lexicals } = readModuleExports(`
    import first, { second as other } from './a.ts';
    import * as all from './b.ts';
    function work() {}
    const p: first = new first(), s = 1;
    let q: Map<other, all.T> = new Map(), r;
    let { t, key: u }: { t: typeof work } = p;
    class C {}
    const url = import.meta.url;
  `);
  for (const name of ['p', 's', 'q', 'r', 't', 'u', 'C', 'url']) expect(lexicals).toContain(name);
  for (const name of ['first', 'second', 'other', 'all', 'work']) expect(lexicals).not.toContain(name);
});
