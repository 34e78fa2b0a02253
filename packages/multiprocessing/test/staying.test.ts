import {
  BaseManager,
  currentProcess,
  dumps,
  getContext,
  Listener,
  PicklingError,
  Pipe,
  Process,
  SharedMemoryManager,
} from '@mp/multiprocessing';
import { checkLeaks } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';

checkLeaks();

function refusalOf(value: unknown): PicklingError {
  try {
    dumps({ value });
  } catch (error) {
    if (error instanceof PicklingError) return error;
    throw error;
  }
  throw new Error('it was pickled, and should have been refused');
}

class Robot extends Process {}

test.each<[string, () => unknown, RegExp]>([
  [
    'a process',
    () => new Process(),
    /of `Process`, which belongs to the process that made it.* Pass its pid or name, or make it/,
  ],
  ['a process of a class of your own', () => new Robot(), /inherits from `Process`, which belongs/],
  ['the process that it is', () => currentProcess(), /inherits from `Process`, which belongs/],
  ['a manager', () => new BaseManager(), /of `BaseManager`, which .* Pass a proxy of .* or its address and authkey/],
  [
    'a manager of a derived class',
    () => new SharedMemoryManager(),
    /inherits from `BaseManager`, which .* Pass a proxy/,
  ],
  ['a context', () => getContext('spawn'), /is there in every process\. Pass its start method, and call getContext/],
])('%s stays, and the error says what to pass instead', (_, make, why) => {
  expect(refusalOf(make())).toMatchObject({ path: 'value.value', message: expect.stringMatching(why) });
});

test('what is open here stays, and the error says what to pass instead', async () => {
  const server = new BaseManager().getServer();
  const listener = new Listener();
  const pool = new (getContext('fork').Pool)(1);
  onTestFinished(async () => {
    server.stop();
    listener.close();
    pool.terminate();
    await pool.join();
  });
  const [closed, other] = Pipe();
  closed.close();
  other.close();
  expect(refusalOf(server).message).toMatch(
    /of `Server`, which serves in the process that made it\. Pass its address and/,
  );
  expect(refusalOf(listener).message).toMatch(/of `Listener`, which accepts in .* Pass its address, and call Client\(/);
  expect(refusalOf(pool).message).toMatch(
    /inherits from `Pool`, which belongs to .* Make another one there, or pass the proxy/,
  );
  expect(refusalOf(closed).message).toMatch(/the connection is closed\. Send it first and close it then/);
});
