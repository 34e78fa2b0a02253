/** The program that a spawned child runs. The only place that knows that sources end in .ts and builds in .js. */
export const childEntry: URL = new URL(
  import.meta.url.endsWith('.ts') ? './child/main.ts' : './child/main.js',
  import.meta.url,
);
