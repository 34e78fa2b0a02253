/** For scenario 46: the operators as functions, as in Python's module of that name. */

type Numeric = number | bigint;

export const add = <T extends Numeric>(a: T, b: T): T => ((a as number) + (b as number)) as T;
export const sub = <T extends Numeric>(a: T, b: T): T => ((a as number) - (b as number)) as T;
export const mul = <T extends Numeric>(a: T, b: T): T => ((a as number) * (b as number)) as T;
export const pow = <T extends Numeric>(a: T, b: T): T => ((a as number) ** (b as number)) as T;
export const neg = <T extends Numeric>(a: T): T => -(a as number) as T;

/** No function: clients do not see it. */
export const NAMES: readonly string[] = ['add', 'sub', 'mul', 'pow', 'neg'];
