import { register } from '@mp/reduction';
import { Connection } from './connection.ts';
import { LocalEnd } from './local/end.ts';
import type { Side } from './local/layout.ts';

/** How a connection travels inside a message: which end it is, and its descriptors. */
interface ReducedConnection {
  readonly side: Side;
  readonly descriptors: readonly number[];
}

register(Connection, {
  name: '@mp/connection.Connection',
  module: import.meta.url,
  reduce(connection: Connection, context): ReducedConnection {
    const end = connection.transport;
    if (connection.closed)
      throw new Error(
        'the connection is closed. Send it first and close it then: who receives it has a copy of its own',
      );
    if (!(end instanceof LocalEnd))
      throw new Error(
        'a connection over the network stays in its process. Pass the address, and call Client(address) there',
      );
    const descriptors = end.descriptors.map((descriptor) => context.descriptor(descriptor));
    end.countHolder();
    context.ifNotSent(() => end.takeBackHolder());
    return { side: end.side, descriptors };
  },
  rebuild({ side, descriptors }: ReducedConnection, context): Connection {
    const [memory, bell0, bell1, socket] = descriptors.map((index) => context.descriptor(index));
    return new Connection(new LocalEnd([memory!, bell0!, bell1!, socket!], side));
  },
});
