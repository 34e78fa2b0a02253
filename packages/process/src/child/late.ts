import { growUp } from './grow-up.ts';
import { runAssignment } from './run.ts';
import { endWithError, reportUncaught } from './uncaught.ts';
import { tellUnfinished } from './unfinished.ts';

/** What plain.ts cannot do by itself. */
export const late = {
  /** Carries out the long form of the order. */
  carryOn(): void {
    const { parent, preparation } = growUp();
    void runAssignment(parent, preparation);
  },
  end: (error: unknown): void => endWithError(error, growUp().parent),
  reportUncaught: (error: unknown): void => reportUncaught(error, growUp().parent),
  tellUnfinished: (): void => tellUnfinished('the promise of its target', growUp().parent),
};
