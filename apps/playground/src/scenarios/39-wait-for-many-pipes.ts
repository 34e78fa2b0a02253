/**
 * One loop reads what four processes send, each through a pipe of its own, until all of them have ended.
 *
 * From: Python docs, multiprocessing.connection.wait (row 39)
 * Look at: `wait` gives those that are ready, in the order in which they were passed; a pipe whose writer has closed it is
 *   ready too, and `recv()` then says that nothing more comes.
 * Differs: Python prints each message as it comes, in an order that nobody knows beforehand.
 *
 * Prints:
 *     Process-1: 0 1 2 3 4 5 6 7 8 9
 *     Process-2: 0 1 2 3 4 5 6 7 8 9
 *     Process-3: 0 1 2 3 4 5 6 7 8 9
 *     Process-4: 0 1 2 3 4 5 6 7 8 9
 */
import { type Connection, currentProcess, EOFError, isMainModule, Pipe, Process, wait } from '@mp/multiprocessing';

type Message = readonly [number, string];

export async function count(connection: Connection<never, Message>): Promise<void> {
  for (let i = 0; i < 10; i++) await connection.send([i, currentProcess().name]);
  connection.close();
}

if (isMainModule(import.meta)) {
  let readers: Connection<Message, never>[] = [];
  const children: Process[] = [];
  for (let i = 0; i < 4; i++) {
    const [reader, writer] = Pipe<Message, never>({ duplex: false });
    const child = new Process({ target: count, args: [writer] });
    await child.start();
    // This copy must go, or the reader would never come to its end.
    writer.close();
    readers.push(reader);
    children.push(child);
  }

  const numbers = new Map<string, number[]>();
  while (readers.length > 0) {
    for (const reader of await wait(readers)) {
      try {
        const [i, name] = await reader.recv();
        numbers.set(name, [...(numbers.get(name) ?? []), i]);
      } catch (error) {
        if (!(error instanceof EOFError)) throw error;
        readers = readers.filter((other) => other !== reader);
        reader.close();
      }
    }
  }
  for (const [name, list] of [...numbers].toSorted()) console.log(`${name}: ${list.join(' ')}`);
  for (const child of children) await child.join();
}
