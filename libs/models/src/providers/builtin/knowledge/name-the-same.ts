import { type Identifier, contradicts, sameIdentifier } from '../../../text/identifiers.js';
import type { Candidate } from './candidates.js';

/**
 * Whether a sentence speaks of the very things that the question names by number. AB-123/4 is not AB-123/9, however much
 * else the two sentences share. A part number or version must be named; another day or size must not be.
 */
export function namesTheSame(asked: readonly Identifier[], { identifiers, standing }: Candidate): boolean {
  return asked.every((wanted) => {
    if (identifiers.some((named) => sameIdentifier(named, wanted))) return true;
    if (identifiers.some((named) => contradicts(named, wanted))) return false;
    return standing.some((named) => sameIdentifier(named, wanted)) || wanted.kind !== 'code';
  });
}

/** Whether it, or what it refers to, names all of them: then sentences that only do not contradict are not wanted. */
export const namesAll = (asked: readonly Identifier[], { identifiers, standing }: Candidate): boolean =>
  asked.every((wanted) => [...identifiers, ...standing].some((named) => sameIdentifier(named, wanted)));

/** What the question names and no sentence does, and what the sentences have in its place. */
export interface Missing {
  readonly asked: readonly string[];
  readonly has: readonly string[];
}

const MAX_NAMED = 5;

export function missingOf(asked: readonly Identifier[], candidates: readonly Candidate[]): Missing | undefined {
  const named = candidates.flatMap(({ identifiers }) => identifiers);
  const missing = asked.filter((wanted) => !named.some((one) => sameIdentifier(one, wanted)));
  const rivals = named.filter((one) => missing.some((wanted) => contradicts(one, wanted)));
  if (missing.length === 0 || rivals.length === 0) return undefined;
  const distinct = (all: readonly Identifier[]) => [...new Map(all.map((one) => [one.value, one.text])).values()];
  return { asked: distinct(missing), has: distinct(rivals).slice(0, MAX_NAMED) };
}
