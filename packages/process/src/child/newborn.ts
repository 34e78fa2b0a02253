/**
 * How far a child has come that was given a plain order, and whether it has loaded this package nevertheless. Everything
 * else learns from it whether it is in such a child; so this module imports nothing.
 */
export const newborn: { stage: 'none' | 'importing' | 'running'; isGrown: boolean } = { stage: 'none', isGrown: false };
