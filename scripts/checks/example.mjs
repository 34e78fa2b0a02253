/**
 * Examples in Markdown that run: a block that begins with
 *
 *     ```ts runnable
 *
 * is a whole program. What it prints is compared with its comments `// => text`, in their order, a line each.
 */

/** A runnable block: its code, the lines that it promises to print, and where it begins. */
export function examplesIn(markdown) {
  const examples = [];
  for (const match of markdown.matchAll(/^```ts runnable\r?\n(.*?)^```$/gms)) {
    const [, code] = match;
    const line = markdown.slice(0, match.index).split('\n').length;
    const promised = [...code.matchAll(/\/\/ => ?(.*)$/gm)].map(([, text]) => text.trimEnd());
    examples.push({ code, line, promised });
  }
  return examples;
}

/** What differs between the promise and what was printed, or undefined when nothing does. */
export function difference(promised, stdout) {
  if (promised.length === 0) return undefined;
  const printed = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  const length = Math.max(promised.length, printed.length);
  for (let index = 0; index < length; index++) {
    if (promised[index] === printed[index]) continue;
    const quote = (line) => (line === undefined ? 'nothing' : JSON.stringify(line));
    return `line ${index + 1} of the output: promised ${quote(promised[index])}, printed ${quote(printed[index])}`;
  }
  return undefined;
}
