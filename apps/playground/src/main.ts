/**
 * What `npm start` runs: the scenarios of the documents, each as a program of its own whose output is checked, and then the
 * main job. `npm start -- --help` says what else there is.
 */
import { pathToFileURL } from 'node:url';
import { isMainModule, ProcessError } from '@mp/multiprocessing';
import { type Command, parseCommandLine, USAGE } from './command-line.ts';
import { countJob } from './count/job.ts';
import { JobError } from './job.ts';
import { JOBS } from './jobs.ts';
import { explanation, heading, listed, listedJob, running, verdict } from './report.ts';
import { find, type Misfit, readCatalogue, SCENARIOS, type Scenario } from './runner/catalogue.ts';
import { run } from './runner/outcome.ts';

const FAILED = 1;
const MISUSED = 2;

const say = (...lines: readonly string[]): void => {
  for (const line of lines) console.log(line);
};

function complain(what: string): number {
  console.error(`${what}\n\n${USAGE}`);
  return MISUSED;
}

async function runScenarios(scenarios: readonly (Scenario | Misfit)[], isShown: boolean): Promise<boolean> {
  const begun = performance.now();
  const failed: string[] = [];
  for (const scenario of scenarios) {
    if (isShown) say(heading(scenario));
    else if (process.stdout.isTTY) process.stdout.write(running(scenario));
    const outcome = await run(scenario, isShown ? (text, stream) => process[stream].write(text) : undefined);
    say(verdict(outcome));
    if (outcome.problems.length === 0) continue;
    failed.push(scenario.number);
    say(...explanation(outcome, isShown));
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  if (scenarios.length > 1) {
    const passed = scenarios.length - failed.length;
    const names = failed.length > 0 ? `; failed: ${failed.join(' ')}` : '';
    say('', `${passed} of ${scenarios.length} scenarios passed in ${seconds} s${names}`);
  }
  return failed.length === 0;
}

/** @returns whether all of it could be done */
async function work(job: () => Promise<boolean>): Promise<boolean> {
  try {
    return await job();
  } catch (error) {
    if (error instanceof ProcessError) console.error(`FAIL  ${error}`);
    else if (error instanceof JobError) console.error(error.message);
    else throw error;
    return false;
  }
}

async function obey(command: Command): Promise<number> {
  if (command.type === 'help') {
    say(USAGE);
    return 0;
  }
  if (command.type === 'job') return (await work(command.work)) ? 0 : FAILED;

  const folder = command.folder === undefined ? SCENARIOS : pathToFileURL(`${command.folder}/`);
  const catalogue = readCatalogue(folder);
  if (command.type === 'list') {
    say(...catalogue.map(listed), '', 'Jobs, of your own files or numbers:', ...JOBS.flatMap(listedJob));
    return 0;
  }
  const { names, verbose } = command;
  const unknown = names.filter((name) => find(catalogue, name) === undefined);
  if (unknown.length > 0) return complain(`There is no scenario ${unknown.join(', ')}; --list shows which there are.`);
  const wanted = names.map((name) => find(catalogue, name) as Scenario | Misfit);
  if (wanted.length > 0) return (await runScenarios(wanted, true)) ? 0 : FAILED;

  const havePassed = await runScenarios(catalogue, verbose);
  say('');
  const isDone = await work(countJob.prepare([]));
  return havePassed && isDone ? 0 : FAILED;
}

async function main(args: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = parseCommandLine(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return complain(error.message);
  }
  return obey(command);
}

if (isMainModule(import.meta)) {
  // Whoever read what we print has read enough: `npm start -- hash DIR | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(FAILED);
  });
  process.exitCode = await main(process.argv.slice(2));
}
