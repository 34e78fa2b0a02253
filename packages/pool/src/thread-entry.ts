/** The program of a worker thread. The only place that knows that sources end in .ts and builds in .js. */
export const threadEntry: URL = new URL(
  import.meta.url.endsWith('.ts') ? './threads/thread-main.ts' : './threads/thread-main.js',
  import.meta.url,
);
