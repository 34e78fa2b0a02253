import type { Job } from './job.ts';
import type { Misfit, Scenario } from './runner/catalogue.ts';
import type { Outcome } from './runner/outcome.ts';

/** `7    pipes`: how a scenario is called in all that we print. */
const label = ({ number, name }: Scenario | Misfit): string => `${number.padEnd(3)}  ${name}`;

const WIDTH = 40;
const INDENT = ' '.repeat(6);

const indented = (text: string): string => text.trimEnd().replace(/^/gm, INDENT);

/** A line or two of the list. */
export function listed(scenario: Scenario | Misfit): string {
  const what = 'problem' in scenario ? `cannot be run: ${scenario.problem}` : scenario.header.shows;
  const from = 'problem' in scenario ? '' : `\n${INDENT}From: ${scenario.header.from}`;
  return `${label(scenario)}\n${INDENT}${what}${from}`;
}

/** Two lines of the list. */
export const listedJob = ({ name, usage, shows }: Job): string[] => [
  `npm start -- ${name} ${usage} [--workers N]`,
  `${INDENT}${shows}`,
];

/** What stands above the output of a scenario. */
export const heading = (scenario: Scenario | Misfit): string => `── ${label(scenario)} ${'─'.repeat(20)}`;

/** What stands on a terminal as long as it runs; its verdict is written over it. */
export const running = (scenario: Scenario | Misfit): string => `…     ${label(scenario)}\r`;

/** PASS or FAIL, and how long it took. */
export function verdict({ scenario, problems, seconds }: Outcome): string {
  const result = problems.length === 0 ? 'PASS' : 'FAIL';
  return `${result}  ${label(scenario).padEnd(WIDTH)} ${seconds.toFixed(2).padStart(6)} s`;
}

/**
 * What is wrong, for a scenario that has failed.
 *
 * @param isShown - what it has printed can be seen above already
 */
export function explanation({ scenario, problems, stdout, stderr }: Outcome, isShown: boolean): string[] {
  const lines = [indented(scenario.path), ...problems.map(indented)];
  if ('header' in scenario && scenario.header.needsQuiet) {
    lines.push(indented(`It measures time: on a busy machine, try again with \`npm start -- ${scenario.number}\`.`));
  }
  if (isShown) return lines;
  if (stdout !== '') lines.push(`${INDENT}--- its output ---`, indented(stdout));
  if (stderr !== '') lines.push(`${INDENT}--- its output to stderr ---`, indented(stderr));
  return lines;
}

/** `1,234` */
export const number = (value: number): string => value.toLocaleString('en');

/** `1 file`, `2 files` */
export const plural = (count: number, what: string): string => `${number(count)} ${what}${count === 1 ? '' : 's'}`;
