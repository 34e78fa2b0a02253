/** The file of a scenario that is to print `prints`, and has this code. */
export const scenarioText = (prints: readonly string[], code: string, more: readonly string[] = []): string =>
  [
    '/**',
    ' * A scenario of a test.',
    ' *',
    ' * From: the tests of the playground',
    ' * Look at: nothing in particular',
    ...more.map((line) => ` * ${line}`),
    ' *',
    ' * Prints:',
    ...prints.map((line) => ` *     ${line}`),
    ' */',
    code,
    '',
  ].join('\n');
