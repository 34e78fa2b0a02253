import { DeadlockError } from '@mp/errors';
import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { NOT_YET, type Purpose } from '../src/waiting/attempt.ts';
import { Bell } from '../src/waiting/bell.ts';
import { Turnstile } from '../src/waiting/turnstile.ts';

checkLeaks();

const PURPOSE: Purpose = { method: 'getSync', awaited: 'a message', late: () => new Error('late') };
const words = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(8));

const turnstile = (): Turnstile => {
  const watched = words();
  return new Turnstile(new Bell(words(), 0), { words: watched, index: 0, inVain: () => watched[0]! });
};

test('what the last of the others put before it left is got, also if it came between the look and the question who is left', () => {
  let put: string | undefined;
  const leave = (): string => {
    put = 'the last message';
    return 'nobody but us has it';
  };
  expect(turnstile().passSync(() => put ?? NOT_YET, PURPOSE, undefined, leave)).toBe('the last message');
});

test('a wait that nobody else could end is refused', () => {
  const wait = (): unknown =>
    turnstile().passSync(
      () => NOT_YET,
      PURPOSE,
      undefined,
      () => 'nobody but us has it',
    );
  expect(wait).toThrow(DeadlockError);
  expect(wait).toThrow('getSync would wait for ever: nobody but us has it');
});
