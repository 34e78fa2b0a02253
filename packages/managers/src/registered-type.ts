import { inspect } from 'node:util';
import type { RegisterOptions } from './options.ts';
import { registerProxyType } from './pickling.ts';
import { BaseProxy, type ProxyClass } from './proxies/base-proxy.ts';
import type { Registry, TypeEntry } from './registry.ts';
import { checkExposed } from './server/exposed.ts';

/** What may be said of a type; and what that is called in Python, for who translates. */
const OPTIONS: Readonly<Record<keyof RegisterOptions, string>> = {
  create: 'callable',
  proxyType: 'proxytype',
  exposed: 'exposed',
  methodToTypeid: 'method_to_typeid',
  createMethod: 'create_method',
};

/**
 * What is registered, checked as far as it can be: whether the server finds what it is to make shows at its start.
 *
 * @param members - what managers have already
 * @throws TypeError
 */
export function entryOf(typeid: string, options: RegisterOptions, members: object): TypeEntry {
  checkTypeid(typeid, members);
  const where = `register('${typeid}')`;
  checkNames(where, options);
  const { create, proxyType, exposed, methodToTypeid = {} } = options;
  if (create !== undefined && typeof create !== 'function') {
    throw new TypeError(`${where}: create is ${show(create)}: it must be a class or a function.`);
  }
  if (proxyType !== undefined) {
    if (!isProxyClass(proxyType)) {
      throw new TypeError(`${where}: proxyType is ${show(proxyType)}: it must be a class derived from BaseProxy.`);
    }
    checkExposed(`${where}: ${proxyType.name}.exposed`, proxyType.exposed);
    checkMethods(`${where}: ${proxyType.name}.methodToTypeid`, proxyType.methodToTypeid ?? {});
    registerProxyType(proxyType);
  }
  checkMethods(`${where}: methodToTypeid`, methodToTypeid);
  return {
    create: create as TypeEntry['create'],
    proxyType: proxyType as ProxyClass | undefined,
    exposed: checkExposed(`${where}: exposed`, exposed),
    methodToTypeid: { ...methodToTypeid },
  };
}

/**
 * To be asked when nothing more will be registered: before a server begins.
 *
 * @throws TypeError if a method is to return objects of a type that was not registered
 */
export function checkReturnedTypes(registry: Registry): void {
  for (const [typeid, { methodToTypeid }] of registry) {
    for (const [method, returned] of Object.entries(methodToTypeid)) {
      if (registry.has(returned)) continue;
      throw new TypeError(
        `register('${typeid}'): methodToTypeid says that ${method} returns objects of type '${returned}', which was not registered with this class of managers. Register it before the manager starts${builtInHint(returned)}.`,
      );
    }
  }
}

const builtInHint = (typeid: string): string =>
  typeid === 'list' || typeid === 'dict' || typeid === 'set' ? ', or derive from SyncManager, which has it' : '';

/** `then` would make a promise of the manager: whoever awaits it would call that. */
function checkTypeid(typeid: unknown, members: object): void {
  if (typeof typeid !== 'string' || typeid === '') {
    throw new TypeError(`register: ${show(typeid)} cannot be the name of a type: it must be a text such as 'Maths'.`);
  }
  if (typeid === 'then' || typeid in members) {
    throw new TypeError(`register: '${typeid}' cannot be the name of a type: it means something else on a manager.`);
  }
}

function checkNames(where: string, options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `${where}: the options are ${show(options)}: they must be an object such as { create: Maths }. Python's register('Maths', Maths) is register('Maths', { create: Maths }).`,
    );
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(OPTIONS, name)) continue;
    const here = Object.entries(OPTIONS).find(([, python]) => python === name)?.[0];
    const cure = here === undefined ? `There are ${Object.keys(OPTIONS).join(', ')}` : `It is called ${here} here`;
    throw new TypeError(`${where}: there is no option '${name}'. ${cure}.`);
  }
}

function checkMethods(what: string, methods: unknown): void {
  // A Map has no properties of its own: all that it says would be overlooked.
  if (typeof methods !== 'object' || methods === null || Symbol.iterator in methods) {
    throw new TypeError(`${what} is ${show(methods)}: it must be an object such as { copy: 'list' }.`);
  }
  for (const [method, typeid] of Object.entries(methods)) {
    if (typeof typeid === 'string') continue;
    throw new TypeError(`${what}: for ${method} it says ${show(typeid)}: it must be the name of a registered type.`);
  }
}

const isProxyClass = (value: unknown): value is ProxyClass =>
  typeof value === 'function' && value.prototype instanceof BaseProxy;

const show = (value: unknown): string => inspect(value, { depth: 0 });
