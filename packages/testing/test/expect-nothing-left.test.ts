import { type ChildProcess, type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  checkLeaks,
  expectNothingLeft,
  LeakError,
  type LeakOptions,
  leakCheck,
  nodeChild,
  type Snapshot,
  snapshot,
  until,
} from '../src/index.ts';

// These tests take away what they plant, so the check that they test holds for them as well.
checkLeaks({ allow: [{ leak: /memfd:planted/, because: 'an addon is never unloaded, and its mapping neither' }] });

// Long enough for a look or two, and no more: what is planted here does not go away.
const AT_ONCE = { limit: 50 };

/** The message of the error that the check throws. */
async function complaint(before: Snapshot, options: LeakOptions = {}): Promise<string> {
  const error: unknown = await expectNothingLeft(before, { ...AT_ONCE, ...options }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LeakError);
  return (error as LeakError).message;
}

/** Ends a child of ours when the test is over. */
function endAfterTest(child: ChildProcess): void {
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
}

/** Ends a process that is not our child, and that only init can wait for. */
function endStrangerAfterTest(pid: number): void {
  onTestFinished(async () => {
    process.kill(pid, 'SIGKILL');
    await until(() => !existsSync(`/proc/${pid}/exe`), { what: `process ${pid} to be gone` });
  });
}

async function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  return text.toString().trim();
}

function openAfterTestClosed(path: string): number {
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
}

test('nothing is reported when nothing is left', async () => {
  const before = snapshot();
  const child = spawn('true');
  const fd = openSync('/dev/null', 'r');
  closeSync(fd);
  await once(child, 'close');
  await expect(expectNothingLeft(before)).resolves.toBeUndefined();
});

test('what is about to go is waited for', async () => {
  const before = snapshot();
  const child = spawn('sleep', ['1000']);
  const timer = setTimeout(() => {}, 20);
  child.kill('SIGKILL');
  await expect(expectNothingLeft(before)).resolves.toBeUndefined();
  expect(timer.hasRef()).toBe(true);
});

test('what a finalizer gives back is waited for', async () => {
  const before = snapshot();
  const registry = new FinalizationRegistry(closeSync);
  (() => registry.register({}, openSync('/dev/null', 'r')))();
  await expect(expectNothingLeft(before)).resolves.toBeUndefined();
});

test('a living child is reported with its number and its command line', async () => {
  const before = snapshot();
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  endAfterTest(child);
  expect(await complaint(before)).toContain(`process ${child.pid}: sleep 1000`);
});

test('a grandchild is reported together with its parent', async () => {
  const before = snapshot();
  const child = spawn('sh', ['-c', 'sleep 1000 & echo $!; wait']);
  endAfterTest(child);
  const pid = Number(await firstLine(child));
  endStrangerAfterTest(pid);
  const message = await complaint(before);
  expect(message).toContain(`process ${pid}, a child of ${child.pid}: sleep 1000`);
  expect(message).toContain(`process ${child.pid}: sh -c`);
});

test('a grandchild whose parent was killed is reported', async () => {
  const before = snapshot();
  const child = spawn('sh', ['-c', 'sleep 1000 <&- >&- 2>&- & echo $!; wait']);
  const pid = Number(await firstLine(child));
  endStrangerAfterTest(pid);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await complaint(before)).toMatch(new RegExp(`process ${pid}, a child of \\d+: sleep 1000`));
});

test('a child whose exit code nobody has collected is reported as a zombie', async () => {
  const before = snapshot();
  // The shell starts a child that waits for the end of its input, and becomes a program that does not know of it.
  const child = spawn('sh', ['-c', 'exec 3<&0; cat <&3 & echo $!; exec sleep 1000 <&- 3<&-']);
  endAfterTest(child);
  const pid = await firstLine(child);
  await until(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'sleep\n');
  child.stdin.end();
  await until(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
  expect(await complaint(before)).toContain(`process ${pid}, a child of ${child.pid}: zombie`);
});

test('an open descriptor is reported with its number and its target', async () => {
  const before = snapshot();
  const fd = openAfterTestClosed(import.meta.filename);
  expect(await complaint(before)).toContain(`descriptor ${fd}: ${import.meta.filename}`);
});

test('a second descriptor of something that was open before is reported', async () => {
  const first = openAfterTestClosed('/dev/zero');
  const before = snapshot();
  const second = openAfterTestClosed('/dev/zero');
  const message = await complaint(before);
  expect(message).toContain(`descriptor ${second}: /dev/zero`);
  expect(message).not.toContain(`descriptor ${first}: /dev/zero`);
});

test('a descriptor that has only got another number is not reported', async () => {
  const first = openSync('/dev/zero', 'r');
  const before = snapshot();
  const second = openAfterTestClosed('/dev/zero');
  closeSync(first);
  expect(second).not.toBe(first);
  await expect(expectNothingLeft(before)).resolves.toBeUndefined();
});

test('a shared mapping is reported with its size', async () => {
  const source = join(tmpdir(), 'planted.c');
  const addon = join(tmpdir(), 'planted.node');
  // Node itself cannot map anything; a program of three lines, loaded as an addon, does.
  writeFileSync(
    source,
    `#define _GNU_SOURCE
     #include <sys/mman.h>
     #include <unistd.h>
     __attribute__((constructor)) static void plant(void) {
       int fd = memfd_create("planted", MFD_CLOEXEC);
       if (ftruncate(fd, 12288) == 0) mmap(0, 12288, PROT_READ, MAP_SHARED, fd, 0);
       close(fd);
     }
     void *napi_register_module_v1(void *env, void *exports) { return exports; }`,
  );
  execFileSync('cc', ['-shared', '-fPIC', '-o', addon, source]);
  const before = snapshot();
  process.dlopen({ exports: {} }, addon);
  expect(await complaint(before)).toMatch(/mapping [0-9a-f]+-[0-9a-f]+ \(12288 bytes, r--s\): \/memfd:planted/);
});

test('a name in /dev/shm is reported', async () => {
  const before = snapshot();
  const path = `/dev/shm/mp-planted-${process.pid}`;
  writeFileSync(path, '');
  onTestFinished(() => rmSync(path));
  expect(await complaint(before, { sharedMemoryNames: /^mp-planted-/ })).toContain(`shared memory ${path}`);
  // Of other names nobody knows whose they are.
  await expectNothingLeft(before, { sharedMemoryNames: /^mp-others-/ });
  await expectNothingLeft(before);
});

test('a name in /dev/shm that a process of another family has mapped is not reported', async () => {
  const path = `/dev/shm/mp-foreign-${process.pid}`;
  const said = join(tmpdir(), 'stranger');
  const program = `
import mmap, time
file = open('${path}', 'r+b')
memory = mmap.mmap(file.fileno(), 0)
print('mapped', flush=True)
time.sleep(1000)`;
  const before = snapshot();
  writeFileSync(path, 'x');
  onTestFinished(() => rmSync(path));
  // Its parent ends at once, and its environment has no mark of ours: so it is a stranger, which we can end all the same.
  const shell = spawn('sh', ['-c', 'python3 -c "$1" >"$2" 2>&1 & echo $!', 'sh', program, said], {
    env: { PATH: process.env.PATH ?? '' },
  });
  const closed = once(shell, 'close');
  endStrangerAfterTest(Number(await firstLine(shell)));
  await closed;
  await until(() => readFileSync(said, 'utf8') === 'mapped\n', { limit: 60_000 });
  await expect(expectNothingLeft(before, { sharedMemoryNames: /^mp-foreign-/ })).resolves.toBeUndefined();
});

test('a unix socket that a killed process has left in the folder for temporary files is reported', async () => {
  const before = snapshot();
  const path = join(tmpdir(), 'socket');
  const code = `
    import { createServer } from 'node:net';
    createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'));`;
  expect(await nodeChild({ code })).toMatchObject({ signal: 'SIGKILL' });
  expect(await complaint(before)).toContain(`unix socket ${path}`);
  rmSync(path);
});

test('a timer is reported with the place where it was made', async () => {
  const before = snapshot();
  const timer = setInterval(() => {}, 1000);
  onTestFinished(() => clearInterval(timer));
  expect(await complaint(before)).toMatch(/timer made by .*expect-nothing-left\.test\.ts.*:\d+/);
});

test('a timer that keeps nothing alive, or is over, is not reported', async () => {
  const before = snapshot();
  setInterval(() => {}, 1000).unref();
  await new Promise((resolve) => setTimeout(resolve, 1));
  await expect(expectNothingLeft(before)).resolves.toBeUndefined();
});

test('a listening server is reported', async () => {
  const before = snapshot();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const message = await complaint(before);
  expect(message).toContain('TCPServerWrap');
  expect(message).toContain('socket:[');
});

test('a handle that Node does not list itself is reported', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const before = snapshot();
  const resolver = new Resolver({ timeout: 60_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${silent.address().port}`]);
  resolver.resolve4('nobody.answers', () => {});
  onTestFinished(() => resolver.cancel());
  expect(await complaint(before)).toMatch(/libuv poll handle on descriptor \d+/);
});

test('what is allowed may stay, and only that', async () => {
  const before = snapshot();
  openAfterTestClosed('/dev/zero');
  openAfterTestClosed('/dev/full');
  const allow = [{ leak: /\/dev\/zero/, because: 'this test says so' }];
  const error = (await expectNothingLeft(before, { ...AT_ONCE, allow }).catch((reason) => reason)) as LeakError;
  expect(error.leaks.map((leak) => leak.key)).toEqual(['/dev/full']);
});

test('a check for a block is made at its end', async () => {
  const check = leakCheck(AT_ONCE);
  const fd = openSync('/dev/zero', 'r');
  await expect(check[Symbol.asyncDispose]()).rejects.toThrow('/dev/zero');
  closeSync(fd);
  await check[Symbol.asyncDispose]();
});
