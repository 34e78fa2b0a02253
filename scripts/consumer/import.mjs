// Imports every package, and every entry point that it declares; prints how many of them export something.
import { readFileSync } from 'node:fs';

let parts = 0;
for (const name of process.argv.slice(2)) {
  const manifest = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  if (JSON.stringify(manifest).includes('workspace:'))
    throw new Error(`${name} was packed with a version "workspace:"`);
  if (JSON.stringify(manifest.exports).includes('@mp/source')) throw new Error(`${name} was packed with "@mp/source"`);
  if (manifest.scripts?.install ?? manifest.scripts?.postinstall) throw new Error(`${name} has an install script`);
  for (const door of Object.keys(manifest.exports)) {
    if (door.endsWith('.json')) continue;
    const module = await import(name + door.slice(1));
    for (const [key, value] of Object.entries(module)) {
      // As bundlers name what mentions itself: users meet the names in errors, and in what is shown.
      const called = typeof value === 'function' ? value.name : '';
      if (/^_|\d$/.test(called)) throw new Error(`${key} of ${name}${door.slice(1)} is called ${called}`);
    }
    if (Object.keys(module).length > 0) parts++;
    else console.log(`${name}${door.slice(1)} exports nothing yet`);
  }
}
console.log(`parts: ${parts}`);
