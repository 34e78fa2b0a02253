/** The programs that we start. The only place that knows that sources end in .ts and builds in .js. */
const entry = (path: string): URL =>
  new URL(import.meta.url.endsWith('.ts') ? `${path}.ts` : `${path}.js`, import.meta.url);

/** Of a spawned child. */
export const childEntry: URL = entry('./child/main');

/** Of a fork server. */
export const forkserverEntry: URL = entry('./forkserver/main');
