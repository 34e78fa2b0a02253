import { readFileSync } from 'node:fs';
import { nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

test('the README has examples', () => {
  expect(examples.length).toBeGreaterThan(5);
});

test.each(examples.map((code, i) => [i + 1, code] as const))(
  'example %i of the README prints what it says',
  async (_, code) => {
    const expected = [...code.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`).join('');
    const { stdout, stderr } = await nodeChild({ code });
    expect({ stdout, stderr }).toEqual({ stdout: expected, stderr: '' });
  },
);
