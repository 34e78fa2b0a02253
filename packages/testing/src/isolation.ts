import { execFileSync, spawnSync } from 'node:child_process';

/** Of util-linux: runs a program with something of its own, a network or process numbers. */
const program = 'unshare';
const ownNetwork = ['--user', '--map-root-user', '--net'];
const ownNumbers = ['--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Holds the number that was given last; whoever writes there says which comes next. */
export const LAST_NUMBER = '/proc/sys/kernel/ns_last_pid';

/** Whether the kernel allows it to this user. */
export const canIsolate = (): boolean => spawnSync(program, [...ownNetwork, 'true']).status === 0;
export const canHaveOwnNumbers = (): boolean =>
  spawnSync(program, [...ownNumbers, 'sh', '-c', `echo 100 > ${LAST_NUMBER}`]).status === 0;

const INSIDE = 'MP_TEST_INSIDE';

/**
 * Runs the rest of this very program in a network in which there is nobody else. Returns only there; where it was
 * called the program ends with what the other one has printed.
 */
export const isolate = (): void => runInside(ownNetwork);

/** The same among process numbers that only it and its children have. */
export const isolateNumbers = (): void => runInside(ownNumbers);

function runInside(options: readonly string[]): void {
  if (process.env[INSIDE] !== undefined) return;
  const args = [...options, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync(program, args, { env: { ...process.env, [INSIDE]: '1' }, stdio: 'inherit' });
  process.exit(status ?? 1);
}

/**
 * Cuts the network of {@link isolate}, in which a program can reach itself, or mends it. In the beginning it is cut.
 *
 * By ioctl: not every machine has ip(8), and building the native part needs Python anyway.
 */
export function setLoopback(up: boolean): void {
  const code = `import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', ${up ? 0x49 : 0x8}))`;
  execFileSync('python3', ['-c', code]);
}
