/**
 * `instanceof` that survives two installed copies of a package and a process border.
 *
 * A branded class recognises every object that carries its brand, whichever copy of the class made it.
 * A class derived from a branded one without a brand of its own is recognised in the usual way, by its prototype.
 */
const BRAND: unique symbol = Symbol.for('@mp/errors:brand') as never;

// biome-ignore lint/complexity/noBannedTypes: `instanceof` hands us any constructor there is.
type AnyClass = Function & { prototype: object };

const symbolOf = (name: string): symbol => Symbol.for(`@mp/errors:${name}`);

/**
 * Gives an error class its `name`, and a brand by which `instanceof` knows its instances everywhere.
 *
 * @param errorClass - a class derived from {@link ProcessError}
 * @param name - the name of the class, the same in every copy and every version
 */
export function brandError(errorClass: AnyClass, name: string): void {
  const brand = symbolOf(name);
  const hidden = { configurable: true, enumerable: false, writable: true };
  Object.defineProperty(errorClass.prototype, 'name', { ...hidden, value: name });
  Object.defineProperty(errorClass.prototype, BRAND, { ...hidden, value: brand });
  Object.defineProperty(errorClass.prototype, brand, { ...hidden, value: true });
}

/** What `Symbol.hasInstance` of a branded class does. @internal */
export function hasBrand(errorClass: AnyClass, value: unknown): boolean {
  const own = Object.getOwnPropertyDescriptor(errorClass.prototype, BRAND);
  if (own === undefined) return Function.prototype[Symbol.hasInstance].call(errorClass, value);
  return typeof value === 'object' && value !== null && (own.value as symbol) in value;
}
