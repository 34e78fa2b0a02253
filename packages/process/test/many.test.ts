import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getContext } from '@mp/context';
import { activeChildren, Process } from '@mp/process';
import { checkLeaks, nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { exits, killsItself } from './fixtures/endings.ts';
import { endWithTest } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('by %s', (method) => {
  // A fresh Node is dear.
  const many = method === 'spawn' ? 20 : 50;

  test(`${many} processes run at once, and each has its own exit code`, { timeout: 240_000 }, async () => {
    const context = getContext(method);
    const children = Array.from({ length: many }, (_, i) =>
      i % 10 === 9
        ? new Process({ target: killsItself, args: ['SIGKILL'], context })
        : new Process({ target: exits, args: [i], context }),
    );
    await Promise.all(children.map((child) => child.start()));
    for (const child of children) endWithTest(child);
    for (const child of activeChildren()) expect(children).toContain(child);
    expect(new Set(children.map(({ pid }) => pid)).size).toBe(many);
    const joined = await Promise.all(
      children.map((child, i) => (i % 2 === 0 ? child.join() : child.join({ timeout: 200_000 }))),
    );
    expect(joined).toEqual(children.map(() => true));
    expect(children.map(({ exitCode }) => exitCode)).toEqual(children.map((_, i) => (i % 10 === 9 ? -9 : i)));
    expect(activeChildren()).toEqual([]);
  });

  test('when the descriptors run out a start is refused, and nothing is lost by it', async () => {
    const node = join(mkdtempSync(join(tmpdir(), 'limited-')), 'node');
    writeFileSync(node, `#!/bin/sh\nulimit -n 100\nexec '${process.execPath}' "$@"\n`);
    chmodSync(node, 0o755);
    const { stdout, stderr, code } = await nodeChild(new URL('./fixtures/programs/scarce.ts', import.meta.url), {
      args: [method],
      node,
      limit: 120_000,
    });
    expect([stderr, code]).toEqual(['', 0]);
    const lines = stdout.trimEnd().split('\n');
    const first = lines.shift();
    const [last, difference] = lines.splice(-2);
    expect([first, last, difference]).toEqual(['ended with 0', 'ended with 0', '0 more descriptors than before']);
    for (const line of lines) {
      // With its code; no pid, and no child.
      expect(line).toMatch(/^\d+: (ended with 0|refused ERR_MP_START \w* undefined 0)$/);
    }
    expect(lines[0]).toBe('20: ended with 0');
    expect(lines.at(-1)).toBe('0: refused ERR_MP_START EMFILE undefined 0');
  });
});
