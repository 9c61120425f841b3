import type { Fields } from '../faults.js';
import type { Item } from './input-items.js';

/** A response, as it is told and kept. */
export type ResponseObject = Fields & {
  readonly id: string;
  readonly model: string;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly Item[];
};

/** A response, and what was said to get it. */
export interface KeptResponse {
  readonly id: string;
  readonly previousId: string | null;
  readonly input: readonly Item[];
  readonly response: ResponseObject;
  /** Of the run that answered, where an agent did. */
  readonly runId: string | null;
  readonly threadId: string | null;
}
