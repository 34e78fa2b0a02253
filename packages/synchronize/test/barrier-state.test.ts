import { identify } from '@mp/native';
import { Block } from '@mp/shared-memory/internal';
import { describe, expect, test } from 'vitest';
import { BarrierState, barrierBytes, ROUND } from '../src/barrier-state.ts';
import { BrokenBarrierError } from '../src/index.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';

checkMemoryLeaks();

/** Places in the memory, as barrier-state.ts has them. */
const [LOCK, INTENT, FIRST, WORDS_PER_SLOT, VERDICT] = [0, 4, 8, 4, 2];
const [PASS, BREAK] = [1, 2];
/** No thread has such a number. */
const DEAD = (1 << 22) - 1;

/** Two parties have come, and a process that held the lock of the barrier was killed before it had told anybody, one or both. */
function killedWhileEnding(verdict: number, told: number): { state: BarrierState; slots: number[]; round: number } {
  identify();
  const words = Block.allocate(barrierBytes(2)).int32();
  const state = new BarrierState(words, 2);
  const slots = [0, 1].map(() => state.exclusively(() => state.arrive())?.slot as number);
  words[LOCK] = DEAD;
  words[INTENT] = verdict;
  for (let i = 0; i < told; i++) words[FIRST + i * WORDS_PER_SLOT + VERDICT] = verdict;
  return { state, slots, round: words[ROUND] as number };
}

describe.each([0, 1, 2])('a process that was killed when it had told %i of two parties', (told) => {
  test('that they pass: the next one who looks lets them all pass, and the barrier goes on', () => {
    const { state, slots, round } = killedWhileEnding(PASS, told);
    expect(state.exclusively(() => state.isBroken)).toBe(false);
    expect(slots.map((slot) => state.verdict(slot))).toEqual([true, true]);
    expect([state.words[ROUND], state.words[INTENT], state.waiting()]).toEqual([round + 1, 0, 0]);
    expect(state.exclusively(() => state.arrive())).toMatchObject({ index: 0, isLast: false });
  });

  test('that the barrier is broken: the next one who looks breaks it for all', () => {
    const { state, slots } = killedWhileEnding(BREAK, told);
    expect(state.exclusively(() => state.isBroken)).toBe(true);
    for (const slot of slots) expect(() => state.verdict(slot)).toThrow(BrokenBarrierError);
    expect(() => state.exclusively(() => state.arrive())).toThrow(BrokenBarrierError);
    state.exclusively(() => state.reset());
    expect([state.isBroken, state.waiting()]).toEqual([false, 0]);
  });
});
