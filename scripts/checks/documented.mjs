import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Failure } from './check.mjs';
import { exportsOf, parse } from './exports.mjs';

/** Private ones: nobody who installs something reads their documentation. */
const NOT_PUBLISHED = new Set(['testing']);

/** Everybody knows what they do. */
const KNOWN = new Set(['toString', 'toJSON']);

/** Whether a member of a class or an interface is there for users. */
function isPublic(ts, member) {
  const { name } = member;
  if (name === undefined || ts.isPrivateIdentifier(name) || ts.isComputedPropertyName(name)) return false;
  if (KNOWN.has(name.getText())) return false;
  const flags = ts.getCombinedModifierFlags(member);
  return (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override)) === 0;
}

/** A text, or a tag such as `@internal`; not an empty comment. */
const isDocumented = (ts, node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .some((one) => !ts.isJSDoc(one) || one.comment !== undefined || one.tags !== undefined);

/** A factory that stands there as it is, `readonly Lock: typeof Lock = Lock`, has its documentation where it comes from. */
const isTakenOver = (ts, member) => member.type !== undefined && ts.isTypeQueryNode(member.type);

/**
 * The statements that declare a name, in the file in which it is declared.
 *
 * @param {(file: string) => ReturnType<typeof parse>} read
 */
async function declarationsOf(read, file, name) {
  const { ts, source } = await read(file);
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause))
      continue;
    const handedOn = statement.exportClause.elements.find((element) => element.name.text === name);
    const from = statement.moduleSpecifier?.text;
    if (handedOn && from?.startsWith('.')) {
      return declarationsOf(read, join(file, '..', from), (handedOn.propertyName ?? handedOn.name).text);
    }
  }
  const found = source.statements.filter((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.some((declaration) => declaration.name.getText() === name);
    }
    return statement.name?.text === name;
  });
  return { ts, source, found };
}

/** What is exported without a word on it. */
export async function undocumented(root) {
  const packages = readdirSync(join(root, 'packages')).filter((name) => !NOT_PUBLISHED.has(name));
  const files = new Map();
  // Many names come from one file.
  const read = (file) => {
    if (!files.has(file)) files.set(file, parse(file));
    return files.get(file);
  };
  const silent = [];
  let count = 0;
  for (const name of packages) {
    const entry = join(root, 'packages', name, 'src', 'index.ts');
    if (!existsSync(entry)) continue;
    for (const { name: exported, original, from } of await exportsOf(root, entry)) {
      // Looked at where it is declared.
      if (!from.startsWith(root)) continue;
      count++;
      const { ts, source, found } = await declarationsOf(read, from, original);
      const say = (node, what) => {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        silent.push(`${relative(root, source.fileName)}:${line + 1}: ${what} has no documentation`);
      };
      if (found.length === 0) throw new Failure(`${relative(root, from)} does not declare ${original}`);
      if (!found.some((node) => isDocumented(ts, node))) say(found[0], exported);
      for (const node of found) {
        const seen = new Set();
        for (const member of node.members ?? []) {
          if (!isPublic(ts, member) || isTakenOver(ts, member)) continue;
          const label = `${exported}.${member.name.getText()}`;
          // Of several signatures one has to have it, the first.
          if (!seen.has(label) && !isDocumented(ts, member)) say(member, label);
          seen.add(label);
        }
      }
    }
  }
  if (count === 0) throw new Failure('no export was looked at, so nothing was checked');
  return { silent, count };
}

export const documented = {
  name: 'documented',
  title: 'what a package exports says what it is',
  async run({ root }) {
    const { silent, count } = await undocumented(root);
    if (silent.length > 0) throw new Failure(silent.join('\n'));
    return `${count} names`;
  },
};
