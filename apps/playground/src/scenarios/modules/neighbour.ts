/** For scenario S1: another file, with a function that nobody pickles. */
export function functionOfAnotherFile(): void {
  console.log('a function of another file');
}
