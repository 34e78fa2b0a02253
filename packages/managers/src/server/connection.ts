import { type Connection, Pipe } from '@mp/connection';
import type { LocalEnd } from '@mp/connection/internal';
import { AbortError, BrokenPipeError, EOFError } from '@mp/errors';
import { sendDescriptors } from '@mp/native';
import { PicklingError, UnpicklingError } from '@mp/reduction';
import { RemoteError } from '../errors.ts';
import {
  CALL,
  CANCEL,
  CONTROL,
  type Control,
  CREATE,
  type Hello,
  NOT_DECODED,
  type Notice,
  PROTOCOL_VERSION,
  REDEEM,
  RELEASE,
  RETURNED,
  type Request,
  type Response,
  THAT_ONE,
  THREW,
  TICKET,
  type Welcome,
  WHICH,
} from '../protocol.ts';
import { Call } from './call.ts';
import type { Client } from './client.ts';
import type { ObjectServer } from './object-server.ts';
import { isHello, isRequest } from './request.ts';

const HELLO_TIMEOUT = 10_000;
/** So many answers may wait for a client that does not read them; then its next requests wait, too. */
const MOST_UNSENT = 64;
/** How long one client is served before others get their turn, in milliseconds. */
const TURN_MS = 2;
/** Messages between two looks at the clock. */
const MESSAGES_PER_LOOK = 16;
/** So many answers can be asked for that the client could not decode. */
const REMEMBERED = 1024;

type Asking = Exclude<Request, Notice>;
type Wire = Connection<unknown, Response | Welcome>;

/** One connection of a client: takes its requests, answers each as soon as it can. */
export class ServerConnection {
  #connection: Wire;
  readonly #server: ObjectServer;
  readonly #control: (what: Control) => unknown;
  #client: Client | undefined;
  /** How many messages have come. */
  #count = 0;
  readonly #underWay = new Map<number, Call>();
  readonly #answered: number[] = [];
  #answers = 0;
  #unsent = 0;
  #resume: (() => void) | undefined;

  /** @param control - does what concerns the server as a whole */
  constructor(connection: Wire, server: ObjectServer, control: (what: Control) => unknown) {
    this.#connection = connection;
    this.#server = server;
    this.#control = control;
  }

  /** Until the client ends it, or `close` is called. Never rejects. */
  async serve(): Promise<void> {
    try {
      const hello = await this.#connection.recv({ timeout: HELLO_TIMEOUT });
      if (!isHello(hello)) return;
      this.#client = this.#server.admit(hello.client, hello.pid);
      await this.#welcome(hello);
      for (let until = 0, i = 0; ; i++) {
        if (!(await this.#next(this.#client))) return;
        if (this.#unsent > MOST_UNSENT) await new Promise<void>((resume) => (this.#resume = resume));
        // What is there already is received without a turn of the event loop, and a client may never stop calling.
        if (i % MESSAGES_PER_LOOK === 0 && performance.now() > until) {
          await new Promise(setImmediate);
          until = performance.now() + TURN_MS;
        }
      }
    } catch {
      // The client has ended, or says what nobody understands: it is told by the end of the connection.
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#connection.close();
    this.#resume?.();
    for (const call of this.#underWay.values()) call.abort(new Error('The connection has ended.'));
    this.#underWay.clear();
    if (this.#client !== undefined) this.#server.dismiss(this.#client);
    this.#client = undefined;
  }

  /** Tells it that it is let in, and moves to a ring in shared memory if both are on one machine. */
  async #welcome({ ring, version }: Hello): Promise<void> {
    if (version !== PROTOCOL_VERSION) return;
    const socket = this.#connection;
    await socket.send({ server: this.#server.id, ring });
    if (!ring) return;
    await socket.recv({ timeout: HELLO_TIMEOUT });
    const [ours, theirs] = Pipe<unknown, unknown>();
    try {
      const end = theirs.transport as LocalEnd;
      end.countHolder();
      if (!sendDescriptors(socket.fileno(), end.side, end.descriptors)) throw new Error('The socket is full.');
    } catch (error) {
      ours.close();
      throw error;
    } finally {
      theirs.close();
    }
    this.#connection = ours as Wire;
    socket.close();
  }

  /** Takes one request. False: there will be no more. */
  async #next(client: Client): Promise<boolean> {
    let message: unknown;
    try {
      message = await this.#connection.recv();
    } catch (error) {
      if (error instanceof EOFError || error instanceof BrokenPipeError || !(error instanceof UnpicklingError))
        return false;
      this.#count++;
      this.#answer(this.#count, NOT_DECODED, error);
      return true;
    }
    this.#count++;
    if (!isRequest(message)) return false;
    this.#handle(client, message);
    return true;
  }

  #handle(client: Client, request: Request): void {
    switch (request[1]) {
      case CALL:
      case CREATE:
      case CONTROL:
        this.#run(client, request);
        return;
      case CANCEL:
        this.#cancel(request[2]);
        return;
      case TICKET: {
        const object = this.#server.objects.get(request[2]);
        if (object !== undefined) this.#server.tickets.issue(client.id, request[3], object);
        return;
      }
      case REDEEM: {
        const object = this.#server.objects.get(request[2]);
        if (object !== undefined) client.refer(object);
        this.#server.tickets.redeem(request[3], request[4]);
        return;
      }
      case RELEASE: {
        const object = this.#server.objects.get(request[2]);
        if (object !== undefined) client.release(object);
        return;
      }
      case WHICH:
        this.#answer(this.#answered[request[2] % REMEMBERED] ?? 0, THAT_ONE, undefined);
    }
  }

  #run(client: Client, request: Asking): void {
    const number = request[0];
    const call = new Call(client);
    try {
      const result = this.#perform(call, request);
      if (result instanceof Promise) this.#await(client, number, call, result);
      else this.#answer(number, RETURNED, result);
    } catch (error) {
      this.#answer(number, THREW, error);
    }
  }

  #perform(call: Call, request: Asking): unknown {
    if (request[1] === CONTROL) return this.#control(request[2]);
    if (request[1] === CREATE) return this.#server.create(request[2], request[3], call);
    const [, , id, method, args, signalled] = request;
    const object = this.#server.objects.get(id);
    if (object === undefined) throw new RemoteError(`${method}: there is no object ${id} any more.`);
    return this.#server.invoke(object, method, signalled ? withSignal(args, call) : args, call);
  }

  #await(client: Client, number: number, call: Call, result: Promise<unknown>): void {
    client.begin(call);
    this.#underWay.set(number, call);
    const finish = (kind: typeof RETURNED | typeof THREW) => (value: unknown) => {
      client.finish(call);
      // Answered already, or nobody is there any more.
      if (this.#underWay.delete(number)) this.#answer(number, kind, value);
    };
    result.then(finish(RETURNED), finish(THREW));
  }

  /** The method may still end well, or give up by its signal; if it does neither at once, it runs on unheard. */
  #cancel(number: number): void {
    const call = this.#underWay.get(number);
    if (call === undefined) return;
    call.abort(new AbortError('The caller waits no longer.'));
    setImmediate(() => {
      if (this.#underWay.delete(number)) this.#answer(number, THREW, new AbortError('The call was given up.'));
    });
  }

  #answer(number: number, kind: Response[1], value: unknown): void {
    this.#unsent++;
    this.#server
      .answering(this.#client, () => this.#connection.send([number, kind, value]))
      .then(
        () => this.#sent(number),
        (error: unknown) => {
          if (!(error instanceof PicklingError)) return this.close();
          this.#unsent--;
          const name = kind === RETURNED ? 'result' : 'error';
          const what = `The ${name} cannot travel: ${error.message.replace('value[2]', name)}`;
          this.#answer(number, THREW, new RemoteError(what, { cause: error }));
        },
      );
  }

  #sent(number: number): void {
    this.#unsent--;
    this.#answered[this.#answers++ % REMEMBERED] = number;
    if (this.#unsent > MOST_UNSENT) return;
    this.#resume?.();
    this.#resume = undefined;
  }
}

/** The last argument is options: the method gets the caller's signal in them. */
function withSignal(args: readonly unknown[], { signal }: Call): unknown[] {
  return [...args.slice(0, -1), { ...(args.at(-1) as object), signal }];
}
