import { execFile } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** A CPython with multiprocessing. */
export interface Python {
  readonly executable: string;
  /** As in `3.13.0`. */
  readonly version: string;
}

const PROGRAM = /^python3(\.\d+)?$/;
const TIMEOUT_MS = 10_000;

/** Says who it is, if it is a CPython that has what the rows need. */
const QUESTION = `
import json, platform, sys, _multiprocessing, multiprocessing.shared_memory
if platform.python_implementation() == 'CPython':
    print(json.dumps({'executable': sys.executable, 'version': platform.python_version(), 'parts': list(sys.version_info[:3]), 'final': sys.version_info.releaselevel == 'final'}))
`;

interface Answer extends Python {
  readonly parts: readonly number[];
  readonly final: boolean;
}

/** Where a python3 may be: what is on the PATH, what pyenv has installed, what the system brings. */
export function pythonFolders(path: string = process.env.PATH ?? '', home: string = homedir()): string[] {
  const versions = join(home, '.pyenv', 'versions');
  const installed = namesIn(versions).map((version) => join(versions, version, 'bin'));
  return [...new Set([...path.split(delimiter).filter(Boolean), ...installed, '/usr/bin'])];
}

/**
 * The newest CPython of this machine; of two of the same version, the one that is found first.
 *
 * @returns undefined if there is none
 */
export async function newestPython(folders: readonly string[] = pythonFolders()): Promise<Python | undefined> {
  const programs = folders.flatMap((folder) => {
    return namesIn(folder)
      .filter((name) => PROGRAM.test(name))
      .map((name) => join(folder, name));
  });
  // `python3` mostly is another name of `python3.13`: it is asked once. But a link is what a virtual environment knows
  // itself by, so it is not the target that is asked.
  const different = new Map<string, string>();
  for (const program of programs) {
    const target = targetOf(program);
    if (!different.has(target)) different.set(target, program);
  }
  const answers = await Promise.all([...different.values()].map(ask));
  const [newest] = answers.filter((answer) => answer !== undefined).sort(newerFirst);
  return newest && { executable: newest.executable, version: newest.version };
}

function newerFirst(a: Answer, b: Answer): number {
  // A release candidate is older than anything that is finished.
  if (a.final !== b.final) return a.final ? -1 : 1;
  const differing = a.parts.findIndex((part, i) => part !== b.parts[i]);
  return differing < 0 ? 0 : b.parts[differing]! - a.parts[differing]!;
}

async function ask(program: string): Promise<Answer | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ['-c', QUESTION], { timeout: TIMEOUT_MS });
    return JSON.parse(stdout) as Answer;
  } catch {
    // A shim without a version behind it, a Python without multiprocessing, another Python than CPython.
    return undefined;
  }
}

function targetOf(program: string): string {
  try {
    return realpathSync(program);
  } catch {
    // A link to nowhere.
    return program;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
