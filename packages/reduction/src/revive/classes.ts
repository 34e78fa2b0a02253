import types from 'node:util/types';
import { type Closure, closureOf } from '../callable.ts';
import { UnpicklingError } from '../errors.ts';
import type { Tree } from '../format.ts';
import type { Resolved } from '../references/resolve.ts';
import { inWords } from '../words.ts';
import { corrupt, type Escape, refused } from './checks.ts';
import type { Reviver } from './reviver.ts';

/** Lets the registered class make the object; its data is complete before. */
export function rebuild(reviver: Reviver, resolved: Resolved, tree: Tree): object {
  if (resolved.type === 'refused') return refused(resolved.why);
  if (resolved.type !== 'registration') return corrupt('a class that was registered there is not registered here');
  const { registration } = resolved;
  const name = registration.name ?? registration.Class.name;
  const data = reviver.value(tree);
  const claim = reviver.descriptors.open();
  let value: unknown;
  try {
    value = registration.rebuild(data, { descriptor: (index) => claim.take(index) });
  } catch (error) {
    claim.giveBack();
    throw new UnpicklingError(
      `The message cannot be unpickled: rebuild of the class '${name}' threw ${inWords(error)}`,
      {
        cause: error,
      },
    );
  }
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || types.isPromise(value)) {
    claim.giveBack();
    const what = types.isPromise(value) ? 'a promise: it must be synchronous' : `${typeof value} instead of an object`;
    throw new UnpicklingError(`The message cannot be unpickled: rebuild of the class '${name}' returned ${what}.`);
  }
  claim.keep(value);
  return value;
}

/** What a callable calls before it is filled: nobody can have it yet. */
export const notFilled: Closure['fn'] = () => {
  throw new UnpicklingError('This callable has not arrived completely.');
};

export function fillCallable(reviver: Reviver, node: Escape, shell: object): void {
  const closure = closureOf(shell) as Closure;
  const fn = reviver.value(node[2]);
  if (typeof fn !== 'function') corrupt('a callable has no function');
  closure.captured = node.slice(3).map((tree) => reviver.value(tree));
  closure.fn = fn as Closure['fn'];
  Object.defineProperty(shell, 'name', { value: `callable ${closure.fn.name}`, configurable: true });
}
