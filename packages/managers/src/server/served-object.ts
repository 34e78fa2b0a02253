import type { ProxyClass } from '../proxies/base-proxy.ts';

/** An object that clients can use, as the server keeps it. */
export class ServedObject {
  readonly id: number;
  readonly typeid: string;
  /** The object itself. */
  readonly referent: object;
  readonly exposed: ReadonlySet<string>;
  readonly methodToTypeid: Readonly<Record<string, string>>;
  readonly proxyType: ProxyClass;

  constructor(
    id: number,
    typeid: string,
    referent: object,
    type: {
      readonly exposed: readonly string[];
      readonly methodToTypeid: Readonly<Record<string, string>>;
      readonly proxyType: ProxyClass;
    },
  ) {
    this.id = id;
    this.typeid = typeid;
    this.referent = referent;
    this.exposed = new Set(type.exposed);
    this.methodToTypeid = type.methodToTypeid;
    this.proxyType = type.proxyType;
  }
}
