import { register } from '@mp/reduction';

/** Instances of a class cannot be passed to another process: `why`. */
export function staysHere(Class: abstract new (...args: never[]) => object, why: string): void {
  const refuse = (): never => {
    throw new TypeError(why);
  };
  register(Class, { reduce: refuse, rebuild: refuse });
}
