import type { Address } from '@mp/connection';

/** What Python calls a managed object by: `multiprocessing.managers.Token`. */
export class Token {
  typeid: string;
  address: Address;
  id: string;

  constructor(typeid: string, address: Address, id: string) {
    this.typeid = typeid;
    this.address = address;
    this.id = id;
  }
}
