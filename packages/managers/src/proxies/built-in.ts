import { publicMethods } from '../server/exposed.ts';
import { BaseProxy, type ProxyClass } from './base-proxy.ts';
import { blocking, promising, SyncView, syncProperty } from './methods.ts';

/** What a proxy class has beside the methods of its object. */
export interface Extras {
  /** Methods of the proxy, made of calls. */
  readonly proxy?: object & ThisType<BaseProxy>;
  /** Methods of its blocking form. */
  readonly sync?: object & ThisType<SyncView>;
  /** Instead of the usual blocking form. */
  readonly view?: (proxy: BaseProxy) => object;
  readonly methodToTypeid?: Readonly<Record<string, string>>;
}

/**
 * The proxy class of a managed class of ours.
 *
 * @param managed - the class of the objects: all of its public methods are exposed
 */
export function builtIn<P extends BaseProxy>(
  name: string,
  managed: { readonly prototype: object },
  { proxy = {}, sync = {}, view, methodToTypeid }: Extras = {},
): ProxyClass & (new (...args: never[]) => P) {
  const exposed = publicMethods(managed.prototype);
  const Class = class extends BaseProxy {
    static readonly exposed = exposed;
    static readonly methodToTypeid = methodToTypeid;
  };
  const View = class extends SyncView {};
  Object.defineProperties(View.prototype, { ...blocking(exposed), ...hiddenMembers(sync) });
  Object.defineProperties(Class.prototype, {
    ...promising(exposed),
    sync: syncProperty(view ?? ((proxy) => new View(proxy))),
    ...hiddenMembers(proxy),
  });
  Object.defineProperty(Class, 'name', { value: name });
  return Class as unknown as ProxyClass & (new (...args: never[]) => P);
}

function hiddenMembers(members: object): PropertyDescriptorMap {
  const descriptors = Object.getOwnPropertyDescriptors(members) as PropertyDescriptorMap;
  for (const key of Reflect.ownKeys(descriptors))
    Object.assign(descriptors[key as string] as object, { enumerable: false });
  return descriptors;
}
