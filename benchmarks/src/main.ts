/** What `npm run bench -- ARGS` runs when everything is built. */
import { notBuilt } from './built.ts';

const reason = notBuilt();
if (reason === undefined) {
  // Only now: it imports what has to be built.
  const { bench } = await import('./bench.ts');
  process.exitCode = await bench(process.argv.slice(2));
} else {
  console.error(`bench: ${reason}`);
  process.exitCode = 1;
}
