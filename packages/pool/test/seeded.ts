/** Where random numbers begin: the same for the same `MP_SEED`. */
export const seed: number = Number(process.env.MP_SEED ?? Date.now() % 2 ** 32);

/** Numbers that look random and are the same every time. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
