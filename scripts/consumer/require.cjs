// The same through require(), which loads ES modules since Node 22.12.
let parts = 0;
for (const name of process.argv.slice(2)) {
  if (Object.keys(require(name)).length > 0) parts++;
}
console.log(`parts: ${parts}`);
