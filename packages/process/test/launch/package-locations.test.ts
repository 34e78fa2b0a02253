import { nodeChild } from '@mp/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { packageLocations } from '../../src/launch/package-locations.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('children are told where our packages are: where this process has them', () => {
  vi.stubEnv('NODE_OPTIONS', undefined);
  const locations = new Map<string, string>(JSON.parse(packageLocations(['--enable-source-maps'])));
  expect([...locations.keys()]).toContain('@mp/connection/internal');
  for (const [name, url] of locations) expect(url).toBe(import.meta.resolve(name));
});

test.each([
  '--import ./hooks.mjs',
  '--require=./hooks.cjs',
  '-r ./hooks.cjs',
  '--loader ./loader.mjs',
  '--preserve-symlinks',
])('children look by themselves where %s has a say in it', (options) => {
  vi.stubEnv('NODE_OPTIONS', `--no-warnings ${options}`);
  expect(packageLocations([])).toBe('');
  vi.stubEnv('NODE_OPTIONS', undefined);
  expect(packageLocations(options.split(' '))).toBe('');
});

test('a child finds our packages as its parent does, those that it imports itself as everywhere, and loads nothing of cryptography and the network', async () => {
  const program = new URL('../fixtures/programs/loaded.ts', import.meta.url);
  const { stdout, code } = await nodeChild(program);
  expect(code).toBe(0);
  const { loaded, same } = JSON.parse(stdout) as { loaded: string[]; same: boolean };
  expect(same).toBe(true);
  expect(loaded).toContain('fs');
  for (const name of ['crypto', 'tls', 'dns', 'http', 'child_process']) expect(loaded).not.toContain(name);
});
