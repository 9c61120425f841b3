import { ConflictError } from '@guildhall/sdk';
import type { Run } from './run.js';

export function alreadyFinished({ id, status }: Pick<Run, 'id' | 'status'>): ConflictError {
  return new ConflictError('run_already_finished', `Run '${id}' has ${status} already`);
}
