/** Undoes what `reduce` has done for the receiver of a message that was not sent. */
export function undoAll(undo: readonly (() => void)[] | undefined): void {
  for (const one of undo ?? []) one();
}
