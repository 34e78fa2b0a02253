/**
 * What is pickled when a process starts: not the function, but where to find it.
 *
 * From: 000
 * Look at: the one line that speaks of `f`: module, name, and a hash of the source text, so that another function of the
 *   same name is never called instead. The child imports the module; whatever `f` calls comes with it, exported or not.
 * Differs: Python's pickle has module and name only, and calls what it finds. Each byte is taken apart by `disassemble`,
 *   as Python does it with `pickletools.dis`; the offsets are left out here, for they depend on the length of the path.
 *
 * Prints:
 *     47              GRAPH: references, then memories, the value and its parts
 *     92                references: array of 2
 *     91                  array of 1
 *     d9 <hex:length>                 "file:///<text:path-and-length>
 *     91                  array of 1
 *     96                    array of 6
 *     00                      0
 *     00                      0
 *     00                      0
 *     91                      array of 1
 *     a1                        "f"
 *     cb                      <integer:hash>
 *     a1                      "f"
 *     reference 0 is the export `f` of <url:folder>/s1-what-is-pickled.ts (`f`, source hash <hex:hash>)
 *     92                array of 2
 *     c0                  memories: null
 *     82                  the value: map of 2 #0
 *     a6                    key "target"
 *     93 e0 18              Named of reference 0
 *     00                      0
 *     a4                    key "args"
 *     91                    array of 1 #1
 *     01                      1
 *     the code of f is in these bytes: false
 *     hello world! 1
 *     a function of this file, which is not even exported
 *     a function of another file
 */
import { isMainModule, Process } from '@mp/multiprocessing';
import { disassemble, dumps } from '@mp/reduction';
import { functionOfAnotherFile } from './modules/neighbour.ts';

export function f(i: number): void {
  console.log(`hello world! ${i}`);
  functionOfThisFile();
  functionOfAnotherFile();
}

function functionOfThisFile(): void {
  console.log('a function of this file, which is not even exported');
}

if (isMainModule(import.meta)) {
  const work = { target: f, args: [1] as const };

  const bytes = dumps(work);
  console.log(disassemble(bytes).replaceAll(/^ *(\d+: )?/gm, ''));
  console.log(`the code of f is in these bytes: ${Buffer.from(bytes).includes('hello world!')}`);

  const child = new Process(work);
  await child.start();
  await child.join();
}
