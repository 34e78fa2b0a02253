import { construct, corrupt, type Escape, isEscape, type NewTarget, text } from './checks.ts';
import type { Reviver } from './reviver.ts';

export function makeDate(node: Escape, newTarget: NewTarget): Date {
  const time = node[2];
  if (typeof time !== 'number' && time !== null) corrupt('a date is not what it should be');
  return construct(Date, [time ?? Number.NaN], newTarget);
}

export function makeRegExp(reviver: Reviver, node: Escape, newTarget: NewTarget): RegExp {
  const source = isEscape(node[2]) ? reviver.value(node[2]) : node[2];
  const regExp = construct(RegExp, [text(source as string), text(node[3])], newTarget);
  const lastIndex = node[4];
  regExp.lastIndex = typeof lastIndex === 'number' ? lastIndex : corrupt('a lastIndex is not what it should be');
  return regExp;
}

export const makeURL = (node: Escape, newTarget: NewTarget): URL => construct(URL, [text(node[2])], newTarget);

export const makeURLSearchParams = (node: Escape, newTarget: NewTarget): URLSearchParams =>
  construct(URLSearchParams, [text(node[2])], newTarget);

export function makeBoxed(reviver: Reviver, node: Escape, newTarget: NewTarget): object {
  const primitive = reviver.value(node[2]);
  switch (typeof primitive) {
    case 'number':
      return construct(Number, [primitive], newTarget);
    case 'string':
      return construct(String, [primitive], newTarget);
    case 'boolean':
      return construct(Boolean, [primitive], newTarget);
    case 'bigint':
    case 'symbol':
      return Object(primitive) as object;
    default:
      return corrupt('a boxed primitive is none');
  }
}
