/**
 * What is made of a Python class or function that the owner of a connection allows to come. Nothing of Python is ever
 * called: these functions get the data, and decide.
 */
export interface PythonType {
  /** The value, of the arguments that the pickle gives (`__reduce__`, `__getnewargs__`). */
  make(args: readonly unknown[]): unknown;
  /** Puts in the state that the pickle gives (`__setstate__`, or the fields as a Map). Default: a pickle with state is refused. */
  build?(value: unknown, state: unknown): void;
}

/** A call that a Python peer makes of what is sent: a class or function that it can import, and its arguments. */
export interface PythonCall {
  /** Where Python imports it from. */
  readonly module: string;
  /** Of the class or function, in that module. */
  readonly name: string;
  /** What it is called with. */
  readonly args: readonly unknown[];
  /** For `__setstate__`, or a Map of fields. Default: none. */
  readonly state?: unknown;
}

/** What may come from Python, and what goes to it as an object of Python. */
export interface PickleCodecOptions {
  /** Which Python classes and functions may come, by their full names such as `'builtins.KeyError'`. Default: none. */
  readonly types?: Readonly<Record<string, PythonType>> | undefined;
  /** What a value that Python has no counterpart of becomes there. Undefined: it is refused. Default: all are refused. */
  readonly reduce?: ((value: object) => PythonCall | undefined) | undefined;
}
