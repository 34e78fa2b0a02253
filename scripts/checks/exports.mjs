import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Failure } from './check.mjs';

/**
 * One name that an entry point exports.
 *
 * @typedef {object} Exported
 * @property {string} name - under which others import it
 * @property {string} original - what it is called where it comes from
 * @property {string} from - the path of that file, or the name of a package
 * @property {boolean} isType - whether it is gone at run time
 */

/** What TypeScript makes of a source file, and its compiler, which takes a while to load. */
export async function parse(file) {
  const { default: ts } = await import('typescript');
  return { ts, source: ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true) };
}

/**
 * The exports of an entry point, which is a table of contents: it consists of `export { … } from '…'`.
 *
 * @param {string} root - of the repository
 * @param {string} file
 * @returns {Promise<Exported[]>}
 */
export async function exportsOf(root, file) {
  const { ts, source } = await parse(file);
  return source.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement) && statement.importClause === undefined) return [];
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined;
    if (clause === undefined || !ts.isNamedExports(clause) || statement.moduleSpecifier === undefined) {
      const { line } = source.getLineAndCharacterOfPosition(statement.getStart());
      const where = `${relative(root, file)}:${line + 1}`;
      throw new Failure(
        `${where}: an entry point is a table of contents: only \`export { … } from '…'\` may stand there.`,
      );
    }
    const specifier = statement.moduleSpecifier.text;
    return clause.elements.map(({ name, propertyName, isTypeOnly }) => ({
      name: name.text,
      original: (propertyName ?? name).text,
      from: specifier.startsWith('.') ? join(dirname(file), specifier) : specifier,
      isType: statement.isTypeOnly || isTypeOnly,
    }));
  });
}

/** The packages of ours that another one depends on, with the path of what each of them exports. */
export function entriesBelow(root, name) {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  return Object.keys(dependencies)
    .filter((dependency) => dependency.startsWith('@mp/'))
    .map((dependency) => [dependency, join(root, 'packages', dependency.slice('@mp/'.length), 'src', 'index.ts')])
    .filter(([, file]) => existsSync(file));
}
