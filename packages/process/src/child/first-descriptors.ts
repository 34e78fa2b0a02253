/** Where a fresh process of ours finds its end of the first connection. */
export const FIRST_DESCRIPTORS: readonly [memory: number, bell0: number, bell1: number, socket: number] = [3, 4, 5, 6];

/** The one of them by which both sides know that the other is there. */
export const SOCKET: number = FIRST_DESCRIPTORS[3];
