import { hasPrivateMembers, PicklingError } from '@mp/reduction';
import { isOurs } from './ours.ts';
import type { Assignment } from './protocol.ts';

type ProcessClass = NonNullable<Assignment['processClass']>;

/**
 * The class of a process that its child has to import; undefined if it is one of ours.
 *
 * @throws PicklingError if it has fields that nobody else can see: the copy in the child would do without them, and fail
 */
export function classToSend(process: object): Assignment['processClass'] {
  const ownClass = process.constructor as ProcessClass;
  if (isOurs(ownClass)) return undefined;
  for (let Class = ownClass; !isOurs(Class); Class = Object.getPrototypeOf(Class) as ProcessClass) {
    if (hasPrivateMembers(Class)) throw refusal(ownClass, Class);
  }
  return ownClass;
}

const refusal = (ownClass: ProcessClass, { name }: ProcessClass): PicklingError =>
  new PicklingError(
    `\`class\` cannot be pickled: it is the class \`${ownClass.name}\`, ${name === ownClass.name ? 'which' : `and inherits from \`${name}\`, which`} ` +
      'has private members (#…) that cannot be seen from outside. Make them `private` in the sense of TypeScript, or use the fork start method.',
    { path: 'class', valueType: 'function' },
  );
