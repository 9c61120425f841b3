import { FOLDED } from '../analysis.js';

/** Terms that a misspelling may be repaired to: words, not numbers or codes, where a near miss is another thing. */
export const isRepairable = (term: string): boolean => {
  const length = Array.from(term).length;
  return length >= MIN_REPAIRABLE && length <= MAX_REPAIRABLE && !/\p{N}/u.test(term) && !term.startsWith(FOLDED);
};
export const MIN_REPAIRABLE = 4;
export const MAX_REPAIRABLE = 40;

/** Below this likeness another word was meant. */
export const MIN_SIMILARITY = 0.4;

/** The distinct trigrams of a word between its margins, as pg_trgm takes them: two spaces before, one behind. */
export function trigramsOf(term: string): string[] {
  const characters = Array.from(`  ${term} `);
  const trigrams = new Set<string>();
  for (let i = 0; i + 3 <= characters.length; i++) trigrams.add(characters.slice(i, i + 3).join(''));
  return [...trigrams];
}

/** Terms that longer words may be made of. */
export const isPart = (term: string): boolean => MIN_PART <= term.length && isRepairable(term);
const MIN_PART = 5;
/** What a compound has beside its part: less is an ending. */
export const MIN_REST = 4;
/** Compounds that are looked for at most, of each part. */
export const MAX_COMPOUNDS = 8;

/** A trigram from the middle of a word: the same in every compound of it, and rarer than those at its ends. */
export function middleTrigram(term: string): string {
  const characters = Array.from(term);
  const at = Math.floor((characters.length - 3) / 2);
  return characters.slice(at, at + 3).join('');
}
