import { asShortage, closeDescriptor, duplicateDescriptor } from '@mp/native';

/** Copies of all of them, or, if one cannot be had, of none. */
export function duplicateAll(descriptors: readonly number[]): number[] {
  const copies: number[] = [];
  try {
    for (const descriptor of descriptors) copies.push(duplicateDescriptor(descriptor));
  } catch (error) {
    for (const copy of copies) closeDescriptor(copy);
    throw asShortage('The descriptors in a message could not be copied', error);
  }
  return copies;
}
