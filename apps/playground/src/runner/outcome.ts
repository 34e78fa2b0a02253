import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Bindings } from './bindings.ts';
import type { Misfit, Scenario } from './catalogue.ts';
import { type Expectation, Mismatch } from './expectation.ts';
import { type ProgramOptions, type ProgramResult, runProgram } from './program.ts';

/** What became of a scenario. */
export interface Outcome {
  readonly scenario: Scenario | Misfit;
  readonly seconds: number;
  /** What is wrong, in words. Nothing: it has passed. */
  readonly problems: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a scenario as a program of its own, and compares all that can be seen of it with what is expected. */
export async function run(scenario: Scenario | Misfit, show?: ProgramOptions['show']): Promise<Outcome> {
  if ('problem' in scenario) return { scenario, seconds: 0, problems: [scenario.problem], stdout: '', stderr: '' };
  const result = await runProgram(scenario.path, { limit: scenario.header.limit, show });
  const { seconds, stdout, stderr } = result;
  return { scenario, seconds, problems: problemsOf(scenario, result), stdout, stderr };
}

function problemsOf({ path, header, stdout, stderr }: Scenario, result: ProgramResult): string[] {
  const problems: string[] = [];
  if (result.ended === 'too late') problems.push(`it did not end within ${header.limit / 1000} s, and was ended`);
  else if (result.ended === 'too much output') problems.push('it did not stop printing, and was ended');
  else if (result.signal !== null) problems.push(`it was ended by ${result.signal}`);
  else if (result.code !== header.exitCode) problems.push(`exit code ${result.code} instead of ${header.exitCode}`);
  if (result.heldOpen) problems.push('its output is held open by a process that it started and that left its group');
  for (const { pid, command } of result.left) problems.push(`it left a process behind: ${pid} ${command}`);

  let known = new Bindings({
    'pid:runner': String(process.pid),
    'pid:program': String(result.pid),
    'url:folder': pathToFileURL(dirname(path)).href,
  });
  const compare = (name: string, expected: Expectation, text: string): void => {
    const found = expected.compare(text, known);
    if (found instanceof Mismatch) problems.push(`${name}, ${found.text}`);
    else known = found;
  };
  compare('stdout', stdout, result.stdout);
  compare('stderr', stderr, result.stderr);
  return problems;
}
