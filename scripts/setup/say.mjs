/** What the set-up says goes to standard error: standard output belongs to the job. */
export function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/** A reason to stop that the user can act on: shown as it is, without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

/**
 * What another program printed, fit to be shown: without the noise that npm makes on every run, and without the addresses
 * of registries, which may be private and carry credentials.
 */
export function presentable(output) {
  return output
    .split('\n')
    .filter((line) => !/^npm (warn|notice)\b/i.test(line))
    .join('\n')
    .replace(/\bhttps?:\/\/[^/\s'"]+/g, '<registry>')
    .trim();
}
