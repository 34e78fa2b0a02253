import { progressBar } from '@mp/pool';
import { describe, expect, test } from 'vitest';
import { testClock } from './clock.ts';

function terminal(isTTY: boolean): { text: string; stream: never } {
  const written = { text: '', stream: undefined as never };
  const write = (chunk: string): boolean => {
    written.text += chunk;
    return true;
  };
  written.stream = { isTTY, columns: 60, write } as never;
  return written;
}

const clock = testClock();

describe('on a terminal', () => {
  test('the bar is drawn on one line, which is ended when everything is done', () => {
    const written = terminal(true);
    const bar = progressBar({ label: 'hashing', stream: written.stream });
    bar({ done: 1, total: 4 });
    bar({ done: 4, total: 4 });
    const [, first, last, ...more] = written.text.split('\r');
    expect(more).toEqual([]);
    expect(first).toBe('hashing  █████░░░░░░░░░░░░░░░   25%  1/4  0 s left\u001b[K');
    expect(last).toBe('hashing  ████████████████████  100%  4/4  0 s\u001b[K\n');
  });

  test('it is not drawn more often than anybody can see', () => {
    const written = terminal(true);
    const bar = progressBar({ stream: written.stream });
    for (let done = 1; done <= 10_000; done++) {
      bar({ done, total: 10_001 });
      clock.now++;
    }
    // Ten seconds of it.
    expect(written.text.split('\r').length - 1).toBe(200);
  });

  test('a narrow one gets a shorter bar, and then none, but all figures', () => {
    const drawn = (columns: number): string => {
      const written = terminal(true);
      const stream = Object.assign(written.stream as object, { columns }) as never;
      progressBar({ label: 'hashing', stream })({ done: 1, total: 4 });
      return written.text.slice(1, -'\u001b[K'.length);
    };
    expect(drawn(43)).toBe('hashing  ███░░░░░░░░░   25%  1/4  0 s left');
    expect(drawn(35)).toBe('hashing  █░░░   25%  1/4  0 s left');
    expect(drawn(34)).toBe('hashing   25%  1/4  0 s left');
    expect(drawn(20)).toBe('hashing   25%  1/4 ');
  });

  test('it never takes more than a line', () => {
    const written = terminal(true);
    progressBar({ label: 'x'.repeat(100), stream: written.stream })({ done: 1, total: 2 });
    expect(written.text.replace('\r', '').replace('\u001b[K', '')).toHaveLength(59);
  });
});

describe('elsewhere', () => {
  test('there is a line for each tenth', () => {
    const written = terminal(false);
    const bar = progressBar({ label: 'hashing', stream: written.stream });
    for (let done = 1; done <= 1000; done++) bar({ done, total: 1000 });
    const lines = written.text.split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('hashing   10%  100/1000  0 s left');
    expect(lines[9]).toBe('hashing  100%  1000/1000  0 s');
  });

  test('of unknown length a line whenever the number has doubled', () => {
    const written = terminal(false);
    const bar = progressBar({ stream: written.stream });
    for (let done = 1; done <= 100; done++) bar({ done, total: undefined });
    expect(
      written.text
        .split('\n')
        .map((line) => Number.parseInt(line, 10))
        .slice(0, 7),
    ).toEqual([1, 2, 4, 8, 16, 32, 64]);
  });
});
