/**
 * Which process runs what: the same function tells about itself in the main program and in a child.
 *
 * From: Python docs, The Process class (row 3); 002
 * Look at: the parent process of the child is the process of the main line; both find `info` in this file.
 * Differs: Python prints `module name: __main__`, and `__mp_main__` in a spawned child. A JavaScript module has no name
 *   but its URL, which is the same in both; what differs is whether it is the main module.
 *
 * Prints:
 *     main line
 *     module: 03-the-ids-of-parent-and-child.ts, the main module
 *     parent process: <pid:runner>
 *     process id: <pid:program>
 *     function f
 *     module: 03-the-ids-of-parent-and-child.ts, imported
 *     parent process: <pid:program>
 *     process id: <pid:child>
 *     hello bob
 */
import { basename } from 'node:path';
import { isMainModule, Process } from '@mp/multiprocessing';

function info(title: string): void {
  console.log(title);
  console.log(
    `module: ${basename(import.meta.filename)}, ${isMainModule(import.meta) ? 'the main module' : 'imported'}`,
  );
  console.log(`parent process: ${process.ppid}`);
  console.log(`process id: ${process.pid}`);
}

export function f(name: string): void {
  info('function f');
  console.log(`hello ${name}`);
}

if (isMainModule(import.meta)) {
  info('main line');
  const child = new Process({ target: f, args: ['bob'] });
  await child.start();
  await child.join();
}
