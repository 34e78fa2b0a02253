import { importedExport } from '@mp/reduction';
import { PLAIN_ORDER_BYTES, type PlainOrder, type PlainValue } from '../plain-order.ts';
import type { Assignment, Preparation } from '../protocol.ts';
import { othersResolve } from './package-locations.ts';

/** Whoever imports us needs all of us anyway, and finds it more quickly if the child has loaded it before. */
const NEEDS_US = /['"]@mp\//;

/**
 * The short form of an assignment that was sent, if it has one: a function that a module of the user's exports, with
 * plain arguments.
 */
export function plainOrder({ argv, logging }: Preparation, assignment: Assignment): Uint8Array | undefined {
  const { processClass, fields, target, args, kwargs } = assignment;
  if (logging !== undefined || processClass !== undefined || kwargs !== undefined || target === undefined) return;
  if (Reflect.ownKeys(fields).length > 0 || !argv.every(isPlain) || !args.every(isPlain)) return;
  // What they load may have loaded us before the order is read.
  if (othersResolve()) return;
  const found = importedExport(target);
  if (found === undefined || NEEDS_US.test(found.text)) return;
  const { url, path } = found;
  const order: PlainOrder = { argv, url, path, text: Function.prototype.toString.call(target), args };
  const bytes = Buffer.from(JSON.stringify(order));
  return bytes.length <= PLAIN_ORDER_BYTES ? bytes : undefined;
}

function isPlain(value: unknown): value is PlainValue {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}
