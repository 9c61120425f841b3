/** Scripts that write no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const UNSPACED_RUN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}ー]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Longer "words" are data, and an index row has a limit. */
const MAX_WORD = 100;
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'word' });

/**
 * The words of a text as they are given to Postgres' text search: lower case, compatibility forms unified, letters and
 * digits only. What is a letter is decided here and not by the database, whose answer depends on its locale: the same
 * ranking everywhere. Runs of unspaced scripts become their words and their character bigrams.
 */
export function analysisWords(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
    if (!UNSPACED.test(word)) words.push(word.slice(0, MAX_WORD));
    else
      for (const [run] of word.matchAll(UNSPACED_RUN))
        words.push(...(UNSPACED.test(run) ? unspacedTerms(run) : [run.slice(0, MAX_WORD)]));
  }
  return words;
}

export const analysisText = (text: string): string => analysisWords(text).join(' ');

function unspacedTerms(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length === 1) return characters;
  const bigrams = characters.slice(1).map((character, i) => characters[i]! + character);
  // A word of two characters is a bigram already: counting it twice would favour it.
  const words = Array.from(SEGMENTER.segment(run), ({ segment }) => segment);
  return [...bigrams, ...words.filter((word) => Array.from(word).length > 2).map((word) => word.slice(0, MAX_WORD))];
}
