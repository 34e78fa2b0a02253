/** What compiles, and what must not: the options of a Process. */

import { type Connection, Pipe } from '@mp/connection';
import { getContext } from '@mp/context';
import { Process, type ProcessOptions, SpawnProcess } from '@mp/process';

declare function nothing(): void;
declare function one(name: string): void;
declare function two(name: string, times: number): Promise<number>;
declare function optional(name: string, times?: number): void;
declare function anyNumber(first: string, ...rest: number[]): void;
declare function named(name: string, options: { readonly times: number; readonly loud?: boolean }): void;
declare function onlyNamed(options: { readonly times: number }): void;
declare function optionallyNamed(name: string, options?: { readonly times: number }): void;
declare function generic<T>(value: T, list: T[]): void;
declare function receives(connection: Connection<string, number>): void;
declare function isReadonly(list: readonly string[]): void;

// ── Targets and their arguments ────────────────────────────────────────────────────────────────────────────────────

new Process();
new Process({});
new Process({ name: 'x', daemon: true, context: getContext('spawn') });
new Process({ target: undefined });
new Process({ target: nothing });
new Process({ target: nothing, args: [] });
new Process({ target: one, args: ['x'] });
new Process({ target: two, args: ['x', 1] });
new Process({ target: optional, args: ['x'] });
new Process({ target: optional, args: ['x', 1] });
new Process({ target: anyNumber, args: ['x'] });
new Process({ target: anyNumber, args: ['x', 1, 2, 3] });
new Process({ target: generic, args: [1, [2]] });
new Process({ target: isReadonly, args: [['x']] });
new Process({ target: process.exit, args: [1] });
new Process({ target: Math.max, args: [1, 2, 3] });

const list = ['x', 1] as const;
new Process({ target: two, args: list });
declare const tuple: [string, number];
new Process({ target: two, args: tuple });

// @ts-expect-error: an argument is missing
new Process({ target: one, args: [] });
// @ts-expect-error: all of them are
new Process({ target: one });
// @ts-expect-error: it is of the wrong type
new Process({ target: one, args: [1] });
// @ts-expect-error: there is one too many
new Process({ target: one, args: ['x', 1] });
// @ts-expect-error: they are in the wrong order
new Process({ target: two, args: [1, 'x'] });
// @ts-expect-error: there are none
new Process({ target: nothing, args: [1] });
// @ts-expect-error: it is no list
new Process({ target: one, args: 'x' });
// @ts-expect-error: the first one is of the wrong type (of those after it TypeScript 7.0.2 checks nothing: its NoInfer
// forgets the rest of a tuple)
new Process({ target: anyNumber, args: [1, 1, 2] });
// @ts-expect-error: a target is a function
new Process({ target: 'one' });
// @ts-expect-error: undefined is no argument
new Process({ target: one, args: [undefined] });

// ── Named arguments ────────────────────────────────────────────────────────────────────────────────────────────────

new Process({ target: named, args: ['x'], kwargs: { times: 1 } });
new Process({ target: named, args: ['x'], kwargs: { times: 1, loud: true } });
new Process({ target: onlyNamed, kwargs: { times: 1 } });
new Process({ target: optionallyNamed, args: ['x'], kwargs: { times: 1 } });
new Process({ target: optionallyNamed, args: ['x'] });
new Process({ target: named, args: ['x', { times: 1 }] });

// @ts-expect-error: a named argument is missing
new Process({ target: named, args: ['x'], kwargs: {} });
// @ts-expect-error: it is of the wrong type
new Process({ target: named, args: ['x'], kwargs: { times: '1' } });
// @ts-expect-error: there is none of that name
new Process({ target: named, args: ['x'], kwargs: { times: 1, quiet: true } });
// @ts-expect-error: they are given twice
new Process({ target: named, args: ['x', { times: 1 }], kwargs: { times: 1 } });
// @ts-expect-error: the function has no room for them
new Process({ target: two, args: ['x'], kwargs: { times: 1 } });

// ── The rest ───────────────────────────────────────────────────────────────────────────────────────────────────────

const [ours, theirs] = Pipe<number, string>();
new Process({ target: receives, args: [theirs] });
// @ts-expect-error: that is the other end
new Process({ target: receives, args: [ours] });
// @ts-expect-error: a name is a string
new Process({ name: 1 });
// @ts-expect-error: there is no such option
new Process({ group: undefined });

new SpawnProcess({ target: one, args: ['x'] });
// @ts-expect-error: it is of the wrong type there, too
new SpawnProcess({ target: one, args: [1] });

/** What is known of a process when nothing is known of its target. */
const processes: Process[] = [new Process({ target: one, args: ['x'] }), new Process({ target: two, args: ['x', 1] })];
const exitCode: number | null | undefined = processes[0]?.exitCode;
const error: unknown = processes[0]?.error;
const joined: Promise<boolean> | undefined = processes[0]?.join({ timeout: 1, signal: AbortSignal.abort() });
const joinedSync: boolean | undefined = processes[0]?.joinSync({ timeout: 1 });
// @ts-expect-error: nothing can abort who blocks the thread
processes[0]?.joinSync({ signal: AbortSignal.abort() });
// @ts-expect-error: it is for reading
if (processes[0] !== undefined) processes[0].exitCode = 1;

class Greeter extends Process<[name: string]> {
  readonly greeting: string;
  constructor(greeting: string, options: ProcessOptions<[name: string]>) {
    super(options);
    this.greeting = greeting;
  }
  override run(): Promise<void> {
    return Promise.resolve();
  }
}
new Greeter('hello', { target: one, args: ['x'] });
// @ts-expect-error: its target takes a string
new Greeter('hello', { target: one, args: [1] });

export const used: readonly unknown[] = [exitCode, error, joined, joinedSync];
