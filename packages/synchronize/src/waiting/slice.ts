/**
 * How long to sleep before looking by oneself, in milliseconds: short at first, so that a holder who died before we
 * came is noticed soon; then up to a tenth of a second. Each look costs about 50 µs.
 */
const FIRST = 2;
const LONGEST = 100;

export const firstSlice: number = FIRST;
export const nextSlice = (slice: number): number => Math.min(LONGEST, slice * 2);
