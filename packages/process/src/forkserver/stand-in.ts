/** The target of a rehearsal. It is a module of its own so that there is something to load. */
export function standIn(): void {}
