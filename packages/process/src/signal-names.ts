import { constants } from 'node:os';

/** `'SIGKILL'` for 9. A number without a name is shown as it is. */
function signalNameOf(number: number): string {
  for (const [name, value] of Object.entries(constants.signals)) if (value === number) return name;
  return String(number);
}

/** `3`, or `-SIGKILL` for -9. */
export const describeExitCode = (code: number): string => (code < 0 ? `-${signalNameOf(-code)}` : String(code));

/** 9 for `'SIGKILL'`, and 40 for `'SIGRT40'`, as `@mp/native` calls what has no name; 0 for what is none. */
export function numberOfSignal(name: string): number {
  return constants.signals[name as NodeJS.Signals] ?? (Number(name.replace(/^SIGRT/, '')) || 0);
}
