import { ProcessError } from '@mp/errors';
import { asShortage } from '@mp/native';
import { expect, test } from 'vitest';

const failure = (code: string): Error =>
  Object.assign(new Error(`${code}: short, call`), { code, errno: -1, syscall: 'call' });

test.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC'])(
  '%s says what came to nothing, keeps what the system said, and is told once',
  (code) => {
    const cause = failure(code);
    const shortage = asShortage('No pipe could be made', cause);
    expect(shortage).toBeInstanceOf(ProcessError);
    expect(shortage).toMatchObject({ code, errno: -1, syscall: 'call', cause });
    expect((shortage as Error).message).toMatch(new RegExp(`^No pipe could be made \\(${code}\\): .+\\..+\\.$`));
    expect(asShortage('Nothing else, either', shortage)).toBe(shortage);
  },
);

test('every other error stays what it is', () => {
  for (const error of [failure('EBADF'), failure('constructor'), new Error('no code'), 'thrown', 7]) {
    expect(asShortage('No pipe could be made', error)).toBe(error);
  }
});
