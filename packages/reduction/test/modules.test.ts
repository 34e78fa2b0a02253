import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { nodeChild } from '@mp/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dumps, loads, loadsSync, ModuleNotLoadedError, UnpicklingError } from '../src/index.ts';
import { evaluateThere, inAnotherProcess } from './other-process.ts';
import { maths } from './untyped-fixtures.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mp-reduction-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Writes a module, and imports this version of it. */
async function importing(name: string, text: string, query = ''): Promise<Record<string, (x: number) => number>> {
  writeFileSync(join(folder, name), text);
  return (await import(pathToFileURL(join(folder, name)).href + query)) as Record<string, (x: number) => number>;
}

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

test('a main script’s functions and classes travel while it waits at its top level, both ways', async () => {
  const { stdout, stderr, code } = await nodeChild(fixture('main-that-awaits.ts'));
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  const arrived = [true, 12, true, true, 30];
  expect(JSON.parse(stdout)).toEqual([arrived, arrived]);
});

test('a function that has changed since is not called, and the error names both versions', async () => {
  const { f } = await importing('changing.mjs', 'export const f = (x) => x + 1;');
  const bytes = dumps(f);
  expect(await evaluateThere(bytes, 'arrived(1)')).toBe(2);
  writeFileSync(join(folder, 'changing.mjs'), 'export const f = (x) => x + 1000;');
  const answer = await evaluateThere(bytes, 'arrived(1)');
  expect(answer).toMatch(
    /UnpicklingError: .*the export `f` of file:\/\/.*changing\.mjs \(`f`, source hash [0-9a-f]+\), but here that is something else \(source hash [0-9a-f]+\)/,
  );
});

test('functions and classes of a module that is called by its path, as Node 22 calls TypeScript that was required, travel', async () => {
  const path = join(folder, 'by-path.mjs');
  const text = `export const f = (x) => x + 1;\nexport class Late extends Error {}\n\n//# sourceURL=${path}`;
  const { f, Late } = (await importing('by-path.mjs', text)) as unknown as {
    f: (x: number) => number;
    Late: new (message: string) => Error;
  };
  expect(await inAnotherProcess(f, 'arrived(1)')).toBe(2);
  expect(loadsSync(dumps(new Late('five minutes')))).toBeInstanceOf(Late);
});

test('a function that has moved to another export of its module is found by its text', async () => {
  const { f } = await importing('moving.mjs', 'function g(x) { return x + 1; }\nexport { g as f };');
  const bytes = dumps(f);
  writeFileSync(
    join(folder, 'moving.mjs'),
    'function g(x) { return x + 1; }\nexport const f = (x) => x - 1;\nexport const moved = { g };',
  );
  expect(await evaluateThere(bytes, 'arrived(1)')).toBe(2);
});

test('an export that is gone, and a module that is gone, are errors that say so', async () => {
  const { f } = await importing('vanishing.mjs', 'export const f = (x) => x + 1;');
  const bytes = dumps(f);
  writeFileSync(join(folder, 'vanishing.mjs'), 'export const h = 1;');
  for (const by of ['loads', 'loadsSync'] as const) {
    expect(await evaluateThere(bytes, 'arrived(1)', { by })).toMatch(
      /UnpicklingError: .*the module does not export that here/,
    );
  }
  rmSync(join(folder, 'vanishing.mjs'));
  for (const by of ['loads', 'loadsSync'] as const) {
    expect(await evaluateThere(bytes, 'arrived(1)', { by })).toMatch(
      /UnpicklingError: .*vanishing\.mjs, which could not be loaded/,
    );
  }
});

test('a module that throws while it is loaded is an error with that cause', async () => {
  const { f } = await importing('throwing.mjs', 'export const f = (x) => x + 1;');
  const bytes = dumps(f);
  writeFileSync(join(folder, 'throwing.mjs'), 'throw new RangeError("on purpose"); export const f = (x) => x + 1;');
  const look = 'arrived(1)';
  expect(await evaluateThere(bytes, look)).toMatch(/UnpicklingError: .*could not be loaded: RangeError: on purpose/);
  expect(await evaluateThere(bytes, look, { by: 'loadsSync' })).toMatch(
    /UnpicklingError: .*could not be loaded: RangeError: on purpose/,
  );
});

test('a module with a query is the same module there, and not loaded a second time here', async () => {
  const text = 'let calls = 0; export const next = () => ++calls;';
  const { next } = await importing('counting.mjs', text, '?v=2');
  next?.(0);
  const bytes = dumps(next);
  expect((await loads<() => number>(bytes))()).toBe(2);
  expect(await evaluateThere(bytes, 'arrived()')).toBe(1);
  expect(await evaluateThere(bytes, 'arrived()', { by: 'loadsSync' })).toMatch(/^ModuleNotLoadedError: /);
});

test('looking for an export does not load a module a second time', async () => {
  const { f } = await importing(
    'once.mjs',
    'globalThis.onceLoaded = (globalThis.onceLoaded ?? 0) + 1; export const f = (x) => x;\nexport default { f2: (x) => x };',
  );
  expect(loadsSync(dumps(f))).toBe(f);
  const members = (await importing('once.mjs', 'not read again')) as unknown as { default: { f2: unknown } };
  expect(loadsSync(dumps(members.default.f2))).toBe(members.default.f2);
  expect(Reflect.get(globalThis, 'onceLoaded')).toBe(1);
  Reflect.deleteProperty(globalThis, 'onceLoaded');
});

test('a synchronous receiver says which module it cannot load, and can try again when it is loaded', async () => {
  const { state } = (await import(fixture('awaits-at-top.mjs').href)) as { state: () => string };
  const bytes = dumps(state);
  const url = fixture('awaits-at-top.mjs').href;
  const outcome = (await evaluateThere(bytes, 'arrived()', { by: 'loadsSync' })) as string;
  expect(outcome).toContain('ModuleNotLoadedError: ');
  expect(outcome).toContain(`\`await import("${url}")\` before, or receive with the promise form`);
  const before = `await import(${JSON.stringify(url)});`;
  const again = '(() => { try { return loadsSync(bytes)(); } catch (error) { return error.module; } })()';
  expect(await evaluateThere(bytes, `import(${JSON.stringify(url)}).then(() => ${again})`)).toBe('ready');
  expect(await evaluateThere(bytes, 'arrived()')).toBe('ready');
  expect(await evaluateThere(bytes, 'arrived()', { by: 'loadsSync', before })).toBe('ready');
});

test('the error about a module that is not loaded is an UnpicklingError with the URL', () => {
  const error = new ModuleNotLoadedError('m', { module: 'file:///x.mjs' });
  expect(error).toBeInstanceOf(UnpicklingError);
  expect(error).toMatchObject({
    code: 'ERR_MP_MODULE_NOT_LOADED',
    module: 'file:///x.mjs',
    name: 'ModuleNotLoadedError',
  });
});

test('functions are found while a debugger is attached', async () => {
  const code = `
    import inspector from 'node:inspector';
    import { dumps, loadsSync } from '../src/index.ts';
    import { double } from './fixtures/maths.mjs';
    const session = new inspector.Session();
    session.connect();
    session.post('Debugger.enable');
    console.log(loadsSync(dumps(double))(4), inspector.url() !== undefined);
    session.post('Debugger.disable');
    session.disconnect();
  `;
  const { stdout } = await nodeChild({ code }, { execArgv: ['--inspect=127.0.0.1:0'] });
  expect(stdout).toBe('8 true\n');
});

test('functions of eval and of the command line are refused, with the reason', async () => {
  const code = `
    import { dumps } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
    try { dumps(() => 1); } catch (error) { console.log(error.message); }
  `;
  const { stdout } = await nodeChild({
    code: `
    import { spawnSync } from 'node:child_process';
    const { stdout } = spawnSync(process.execPath, [...process.execArgv, '--input-type=module', '-e', ${JSON.stringify(code)}]);
    process.stdout.write(stdout);
  `,
  });
  expect(stdout).toMatch(/anonymous function, which was made by eval, the REPL or `node -e`: there is no file/);
});

test('functions travel from and to worker threads', async () => {
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { dumps, loads } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
    const fn = await loads(workerData);
    parentPort.postMessage([fn(21), dumps(fn)]);
  `;
  const worker = new Worker(source, {
    eval: true,
    workerData: dumps(maths.double),
    execArgv: ['--conditions=@mp/source', '--input-type=module'],
  });
  const [answer, bytes] = await new Promise<[number, Uint8Array]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  expect(answer).toBe(42);
  expect(loadsSync(bytes)).toBe(maths.double);
});

test('a message that needs nothing is not waited for', async () => {
  expect(await inAnotherProcess({ a: 1 }, 'arrived.a')).toBe(1);
});

test('where the inspector is not allowed, functions are refused with the reason, and registered ones travel', async () => {
  const code = `
    import { dumps, loadsSync, registerFunction } from '../src/index.ts';
    import { double, square } from './fixtures/maths.mjs';
    registerFunction('square', square);
    console.log(loadsSync(dumps([square, parseInt]))[0](3));
    try { dumps([double]); } catch (error) { console.log(error.name, error.message); }
  `;
  const { stdout } = await nodeChild({ code }, { execArgv: ['--permission', '--allow-fs-read=*', '--allow-addons'] });
  expect(stdout).toMatch(
    /^9\nPicklingError `value\[0\]` cannot be pickled: it is the function `double`, which cannot be looked for \(.*registerFunction/,
  );
});

test.each(['slow-to-load.mjs', 'slow-in-the-middle.mjs'])(
  'no function is handed out before its module has run: %s',
  async (name) => {
    const { times } = (await import(fixture(name).href)) as { times: (x: number) => number };
    const bytes = dumps(times);
    expect(await evaluateThere(bytes, 'arrived(21)')).toBe(42);
    // Two messages that need the module at once, and one that comes while it is being loaded.
    const before = `const early = import(${JSON.stringify(fixture(name).href)});`;
    const three = 'Promise.all([arrived, loads(bytes), loads(bytes)]).then((all) => all.map((f) => f(21)))';
    expect(await evaluateThere(bytes, three)).toEqual([42, 42, 42]);
    expect(await evaluateThere(bytes, three, { before })).toEqual([42, 42, 42]);
    const sync = 'early.then(() => loadsSync(bytes)(21))';
    expect(await evaluateThere(bytes, sync, { before })).toBe(42);
  },
);
