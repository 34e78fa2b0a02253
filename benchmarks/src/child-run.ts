/**
 * Runs the program of a Node participant in a process of its own. The other side is participant.ts.
 *
 *     node dist/child-run.js MODULE SIZES PARTICIPANT
 *
 *     harness                       this process
 *     ───────                       ────────────
 *                        ◀───────── {"ready":true}
 *     warm               ─────────▶
 *                        ◀───────── {"ready":true}
 *     round              ─────────▶
 *                        ◀───────── {"report":{"seconds":1.5, …}}
 *     end of file        ─────────▶ closes, and ends
 *
 * By hand it can be profiled: see README.md.
 */
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { notBuilt } from './built.ts';
import type { Program } from './program.ts';
import type { Sizes } from './row.ts';

const say = (answer: object): boolean => process.stdout.write(`${JSON.stringify(answer)}\n`);

const [module, sizes, participant = 'ours'] = process.argv.slice(2) as [string, string, string?];
const reason = notBuilt();
if (reason !== undefined) throw new Error(reason);
const { program } = (await import(pathToFileURL(module).href)) as { program: Program };
const session = await program(JSON.parse(sizes) as Sizes, participant);
const warm = session.warm ?? session.round;
say({ ready: true });
for await (const command of createInterface({ input: process.stdin })) {
  if (command === 'warm') {
    await warm.call(session);
    say({ ready: true });
  } else if (command === 'round') {
    say({ report: await session.round() });
  } else {
    throw new Error(`There is no command ${JSON.stringify(command)}; there are warm and round.`);
  }
}
await session.close();
