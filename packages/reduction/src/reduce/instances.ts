import type { Tree } from '../format.ts';
import type { Reducer } from './reducer.ts';

export function reduceInstance(reducer: Reducer, object: object, _prototype: object | null): Tree {
  return reducer.refuse(object, 'is an instance of a class');
}
export function classReference(reducer: Reducer, object: object, _prototype: object | null): Tree {
  return reducer.refuse(object, 'is an instance of a class');
}
export const isExported = (_reducer: Reducer, _object: object, _prototype: object | null): boolean => false;
