/** One pool in one hostile case, in a program of its own: `child-case.ts <entrant> <row>`. Prints what happened. */
import { entrants } from './entrants.ts';
import { rows } from './rows.ts';

const [, , name = '', rowName = ''] = process.argv;
const row = rows.find(({ name }) => name === rowName);
const open = entrants[name];
if (row === undefined || open === undefined) throw new Error(`There is no ${name} or no ${rowName}.`);

const say = (kind: string, value: unknown): void => console.log(`@@${kind} ${JSON.stringify(value)}`);
process.on('uncaughtException', (error) => {
  say('outcome', `uncaught ${error.name} in the program`);
  process.exit(1);
});

const pool = await open(process.env.MP_PEERS ?? '');
if (row.attempt !== undefined) {
  say('outcome', await row.attempt(pool));
  process.exit();
}
const workers = (await Promise.all([pool.run('pause', 300), pool.run('pause', 300)])) as { pid: number }[];
if (row.watch === 'killed while busy') for (let i = 0; i < 2; i++) void pool.run('spin').then(null, () => {});
// Those that spin have begun by then: the message is on its way before this one.
setTimeout(() => say('ready', pool.threads ? [] : [...new Set(workers.map(({ pid }) => pid))]), 500).unref();
if (row.watch !== 'left open') setInterval(() => {}, 1000);
else say('left', null);
