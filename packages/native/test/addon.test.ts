import { copyFileSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import * as native from '../src/index.ts';

checkLeaks();

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const source = pathOf('../src');
const build = pathOf('../build/Release/mp_native.node');
const errors = pathOf('../../errors');

/** A copy of the sources with no build beside it; the folder of what would be installed. */
function sourcesWithoutBuild(): string {
  const folder = mkdtempSync(join(tmpdir(), 'no-addon-'));
  cpSync(source, join(folder, 'src'), { recursive: true, filter: (path) => !path.includes('/addon/') });
  cpSync(errors, join(folder, 'errors'), { recursive: true, filter: (path) => !path.includes('/node_modules') });
  mkdirSync(join(folder, 'node_modules/@mp'), { recursive: true });
  symlinkSync(join(folder, 'errors'), join(folder, 'node_modules/@mp/errors'));
  return folder;
}

test('importing works without a native part; each call says what is missing and what to do', async () => {
  const code = `
    import * as native from '${sourcesWithoutBuild()}/src/index.ts';
    console.log(typeof native.createMemory, native.Deadline.after(0).expired);
    for (let i = 0; i < 2; i++) {
      try { native.createMemory(1); } catch (error) {
        console.log(error.name, error.code, error instanceof native.NativeUnavailableError, error.cause.code);
        console.log(error.message);
      }
    }
    await native.futexWait(new Int32Array(1), 0, 0).catch((error) => console.log('rejects', error.code));`;
  const { stdout, stderr } = await nodeChild({ code });
  expect(stderr).toBe('');
  const platform = `${process.platform}-${process.arch}`;
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toEqual([
    'function true',
    'NativeUnavailableError ERR_MP_NATIVE true MODULE_NOT_FOUND',
    expect.stringContaining(
      `@mp/native has no native part for ${platform} (Node ${process.version}). Tried @mp/native-`,
    ),
    'NativeUnavailableError ERR_MP_NATIVE true MODULE_NOT_FOUND',
    expect.stringContaining(`Install the package @mp/native-${platform}`),
    'rejects ERR_MP_NATIVE',
  ]);
});

test('a platform that is not supported is named, with those that are', async () => {
  const code = `
    Object.defineProperty(process, 'platform', { value: 'plan9' });
    const { addon } = await import('${sourcesWithoutBuild()}/src/addon.ts');
    try { addon(); console.log('loaded'); } catch (error) { console.log(error.message); }`;
  const { stdout } = await nodeChild({ code });
  expect(stdout).toMatch(/for plan9-\w+ .*Supported are linux-x64 and linux-arm64/);
});

test('a package of the platform comes first', async () => {
  const folder = sourcesWithoutBuild();
  const installed = join(folder, 'node_modules/@mp', `native-${process.platform}-${process.arch}`);
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ main: 'mp_native.node' }));
  copyFileSync(build, join(installed, 'mp_native.node'));
  const code = `
    import { readFileSync } from 'node:fs';
    import { countMappings } from '${folder}/src/index.ts';
    countMappings();
    console.log(readFileSync('/proc/self/maps', 'utf8').includes('${installed}/mp_native.node'));`;
  expect(await nodeChild({ code })).toMatchObject({ stdout: 'true\n', stderr: '', code: 0 });
});

test('nothing is loaded before the first call', async () => {
  const code = `
    import { readFileSync } from 'node:fs';
    import * as native from '../src/index.ts';
    const loaded = () => readFileSync('/proc/self/maps', 'utf8').includes('mp_native.node');
    console.log(loaded());
    native.countMappings();
    console.log(loaded());`;
  expect((await nodeChild({ code })).stdout).toBe('false\ntrue\n');
});

test('the public surface is this', () => {
  expect(Object.keys(native).sort()).toMatchInlineSnapshot(`
    [
      "Deadline",
      "ForkError",
      "HANGUP",
      "HolderLock",
      "IDENTITY_MASK",
      "Lease",
      "Mapping",
      "NativeUnavailableError",
      "PollHandle",
      "READABLE",
      "UNKNOWN_START",
      "WRITABLE",
      "acceptSocket",
      "addonFile",
      "asShortage",
      "atFork",
      "bindSocket",
      "canFork",
      "checkSocketError",
      "closeDescriptor",
      "connectSocket",
      "countLibraries",
      "countMappings",
      "createDoorbell",
      "createMemory",
      "describeAddress",
      "descriptorSize",
      "discardMemory",
      "duplicateDescriptor",
      "endWithParent",
      "exitNow",
      "forkProcess",
      "futexWait",
      "futexWaitSync",
      "futexWake",
      "getSocketOption",
      "identify",
      "isHungUp",
      "isProcessAlive",
      "isThreadAlive",
      "listenSocket",
      "mapMemory",
      "openProcess",
      "openSharedMemory",
      "openSocket",
      "peekTag",
      "pollSync",
      "pollTwoSync",
      "processStartTime",
      "reapChild",
      "receiveBytes",
      "receiveDescriptors",
      "resizeMemory",
      "resolveHost",
      "ringDoorbell",
      "sendBytes",
      "sendDescriptors",
      "setCloseOnExec",
      "setParentDeathSignal",
      "setSocketOption",
      "signalProcess",
      "silenceDoorbell",
      "socketAddress",
      "socketPair",
      "thisThread",
      "threadId",
      "threadOf",
      "unlinkSharedMemory",
      "unmapMemory",
      "waitChildSync",
      "waitWithin",
    ]
  `);
});
