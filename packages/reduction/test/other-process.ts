import { nodeChild } from '@mp/testing';
import { dumps } from '../src/index.ts';

export interface Options {
  /** Default: `loads`. */
  readonly by?: 'loads' | 'loadsSync';
  /** Statements that run in the other process before anything has arrived. */
  readonly before?: string;
  readonly node?: string;
}

/**
 * Pickles a value, unpickles it in a fresh Node process and evaluates an expression there.
 *
 * @param expression - JavaScript; `arrived` is the value, `before` what its options have declared
 * @returns the value of the expression, as JSON carries it; for an error `"Name: message"`
 */
export async function inAnotherProcess(value: unknown, expression: string, options: Options = {}): Promise<unknown> {
  return evaluateThere(dumps(value), expression, options);
}

export async function evaluateThere(bytes: Uint8Array, expression: string, options: Options = {}): Promise<unknown> {
  const { by = 'loads', before = '', node } = options;
  const code = `
    import { readFileSync } from 'node:fs';
    import { dumps, loads, loadsSync, register, registerFunction } from '../src/index.ts';
    ${before}
    const bytes = Buffer.from(readFileSync(0, 'utf8'), 'base64');
    async function evaluate() {
      try {
        const arrived: any = await ${by}(bytes);
        return await (${expression});
      } catch (error: any) {
        return error.name + ': ' + error.message;
      }
    }
    process.stdout.write(JSON.stringify(await evaluate()) ?? 'null');
  `;
  const result = await nodeChild({ code }, { input: Buffer.from(bytes).toString('base64'), node });
  if (result.code !== 0 || result.stderr !== '')
    throw new Error(`exit code ${result.code}: ${result.stderr}${result.stdout}`);
  return JSON.parse(result.stdout);
}
