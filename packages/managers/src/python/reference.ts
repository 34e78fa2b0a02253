import type { WaitOptions } from '@mp/native';
import type { ReducedProxy } from '../protocol.ts';
import { type Reference, TEXT_OF, VALUE_OF } from '../reference.ts';
import type { PythonLink } from './link.ts';

/** What Python's methods are called here, beside their own names. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  __contains__: ['has', 'includes'],
  __delattr__: ['delete'],
  __delitem__: ['delete'],
  __getattribute__: ['get'],
  __getitem__: ['at'],
  __len__: ['size', 'length'],
  __next__: ['next'],
  __setattr__: ['set'],
  __setitem__: ['set'],
};

interface Holding {
  readonly link: PythonLink;
  readonly ident: string;
  released: boolean;
}

const forgotten = new FinalizationRegistry<Holding>((holding) => letGo(holding));

/** What a proxy has whose object is in a manager of Python. */
export class PythonReference implements Reference {
  readonly typeid: string;
  readonly exposed: readonly string[];
  readonly #holding: Holding;
  readonly #names = new Map<string, string>([
    [VALUE_OF, '#GETVALUE'],
    [TEXT_OF, '__str__'],
  ]);

  /** Takes over a reference that Python has counted already. */
  constructor(link: PythonLink, typeid: string, ident: string, exposed: readonly string[]) {
    this.typeid = typeid;
    for (const name of exposed) {
      for (const alias of ALIASES[name] ?? []) if (!exposed.includes(alias)) this.#names.set(alias, name);
    }
    const aliases = [...this.#names.keys()].filter((name) => !name.startsWith('#'));
    this.exposed = [...new Set([...exposed, ...aliases])];
    this.#holding = { link, ident, released: false };
    link.use();
    forgotten.register(this, this.#holding, this);
  }

  get label(): string {
    return `'${this.typeid}' ${this.#holding.ident} of a Python manager`;
  }

  call(method: string, args: readonly unknown[], options?: WaitOptions): Promise<unknown> {
    const { link, ident, released } = this.#holding;
    if (released) return Promise.reject(this.#gone(method));
    return link.call(ident, this.#names.get(method) ?? method, args, options);
  }

  callSync(method: string, args: readonly unknown[], options?: { readonly timeout?: number | undefined }): unknown {
    const { link, ident, released } = this.#holding;
    if (released) throw this.#gone(method);
    return link.callSync(ident, this.#names.get(method) ?? method, args, options?.timeout);
  }

  reduce(): ReducedProxy {
    throw new Error(
      'a proxy of an object of a Python manager stays in its process. Connect a manager in the other process, too',
    );
  }

  takeBack(): void {}

  release(): void {
    forgotten.unregister(this);
    letGo(this.#holding);
  }

  #gone(method: string): Error {
    return new Error(`${method}: this proxy of ${this.label} was released by this process.`);
  }
}

function letGo(holding: Holding): void {
  if (holding.released) return;
  holding.released = true;
  holding.link.release(holding.ident);
  holding.link.unuse();
}
