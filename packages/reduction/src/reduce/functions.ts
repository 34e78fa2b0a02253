import type { Tree } from '../format.ts';
import type { Reducer } from './reducer.ts';

export const isBuiltInNamespace = (_object: object): boolean => false;

export function reduceFunction(reducer: Reducer, value: object): Tree {
  return reducer.refuse(value, 'is a function');
}
