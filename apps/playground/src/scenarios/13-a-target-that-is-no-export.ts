/**
 * A function that was made at the prompt, or inside another function, cannot be found by a spawned child.
 *
 * From: Python docs, the Process class: «functions defined in the interactive interpreter» (row 13)
 * Look at: the refusal comes from `start()`, in the parent, with the name of the function and the cures; no child was
 *   started for it.
 * Differs: Python starts the child, which dies of an AttributeError that the parent never sees.
 *
 * Prints:
 *     PicklingError at target
 *     `target` cannot be pickled: it is the function `greet`, which is not exported from <url:folder>/13-a-target-that-is-no-export.ts. Export it, wrap it with callable(f, …captured), register it with registerFunction(name, f), or use the fork start method.
 *     <SpawnProcess name='SpawnProcess-1' parent=<pid:program> initial>
 *     children: 0
 */
import { activeChildren, getContext, isMainModule, PicklingError } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const name = 'world';
  const greet = (): void => console.log(`hello ${name}`);
  const context = getContext('spawn');
  const p = new context.Process({ target: greet });
  try {
    await p.start();
  } catch (error) {
    if (!(error instanceof PicklingError)) throw error;
    console.log(`${error.name} at ${error.path}`);
    console.log(error.message);
  }
  console.log(p);
  console.log(`children: ${activeChildren().length}`);
}
