import { hash } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * An id that every attempt of a run computes alike, so that a step keeps its id and a message its name though nothing
 * was written of them before a crash. Has the shape of other ids and the run's time.
 */
export function derivedId(prefix: 'stp' | 'msg' | 'int', runId: string, key: string): string {
  const digest = hash('sha256', `${prefix} ${runId} ${key}`, 'buffer');
  let text = `${prefix}_${runId.slice(4, 14)}`;
  for (let i = 0; i < 16; i++) text += ALPHABET[digest[i]! & 31];
  return text;
}
