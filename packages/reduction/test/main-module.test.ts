import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

checkLeaks();

test('what Node was started with is the main script, and not that of the parent whose arguments a child has', async () => {
  const code = `
    import { pathToFileURL } from 'node:url';
    const url = (path) => pathToFileURL(path).href;
    const other = process.execPath;
    Object.defineProperty(process, Symbol.for('@mp/child'), { value: { script: other } });
    const { isMainModule } = await import('../src/references/loading.ts');
    console.log(isMainModule(url(other)), isMainModule(url(process.argv[1])));`;
  expect((await nodeChild({ code })).stdout).toBe('true false\n');
});
