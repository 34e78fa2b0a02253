import { expect, test } from 'vitest';
import { checkLeaks, until } from '../src/index.ts';

checkLeaks();

test('the first truthy value is returned, of a promise too', async () => {
  let turns = 0;
  expect(await until(() => ++turns === 3 && 'three')).toBe('three');
  expect(turns).toBe(3);
  expect(await until(async () => 7)).toBe(7);
});

test('the limit ends the wait with an error that names what was waited for', async () => {
  await expect(until(() => false, { limit: 20, what: 'the impossible' })).rejects.toThrow(
    'Waited 20 ms in vain for the impossible',
  );
});

test('it looks once even with no time at all', async () => {
  expect(await until(() => 'there', { limit: 0 })).toBe('there');
  await expect(until(() => 0, { limit: 0 })).rejects.toThrow('in vain');
});

test('a signal ends the wait with its reason', async () => {
  const controller = new AbortController();
  let turns = 0;
  const wait = until(
    () => {
      if (++turns === 60) controller.abort(new Error('enough'));
      return false;
    },
    { signal: controller.signal },
  );
  await expect(wait).rejects.toThrow('enough');
  expect(turns).toBe(60);
});

test('what the predicate throws ends the wait', async () => {
  const wait = until(() => {
    throw new Error('broken');
  });
  await expect(wait).rejects.toThrow('broken');
});
