/** Terms that a misspelling may be repaired to: words, not numbers or codes, where a near miss is another thing. */
export const isRepairable = (term: string): boolean => {
  const length = Array.from(term).length;
  return length >= MIN_REPAIRABLE && length <= MAX_REPAIRABLE && !/\p{N}/u.test(term);
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
