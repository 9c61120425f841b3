import type { StoredError } from '../run.js';
import { toStoredError } from './stored-error.js';

export const OUTCOME_UNKNOWN = 'outcome_unknown';

/** Of a call to a tool that was cut off: whoever goes on with the run asks a person, or repeats it with the same key. */
export const UNKNOWN_OUTCOME: StoredError = {
  ...toStoredError(undefined),
  code: OUTCOME_UNKNOWN,
  message: 'The call was cut off; whether it took effect is not known',
};
