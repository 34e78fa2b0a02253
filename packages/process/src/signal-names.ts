import { constants } from 'node:os';

/** `'SIGKILL'` for 9. A number without a name is shown as it is. */
export function signalNameOf(number: number): string {
  for (const [name, value] of Object.entries(constants.signals)) if (value === number) return name;
  return String(number);
}
