import { plainText, withoutAccents } from './fold.js';
import { IDENTIFIER, identifierTerms } from './identifiers.js';

/** Scripts whose words no spaces part, or, in Korean, whose particles no space parts from the word. */
const SCRIPTS = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Hangul'];
const CLASS = SCRIPTS.map((script) => String.raw`\p{Script=${script}}`).join('');
const UNSPACED = new RegExp(`[${CLASS}]`, 'u');
const UNSPACED_RUN = new RegExp(String.raw`[${CLASS}\p{M}ー]+|[^${CLASS}ー]+`, 'gu');
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Longer "words" are data, and an index row has a limit. */
const MAX_WORD = 100;
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Before a word that was written with accents, without them: an index knows it from one that was written so. */
export const FOLDED = 'xq';
/** What the index has beside the words themselves, as a regular expression of Postgres. */
export const FURTHER_FORM = `^(${FOLDED}|${IDENTIFIER})`;
/** An identifier says more than any word. */
const IDENTIFIER_WEIGHT = 3;
/** A word that is spelt alike but for its accents is probably meant. */
const FOLDED_WEIGHT = 0.5;

/**
 * The words of a text as they are given to Postgres' text search: lower case, compatibility forms unified, letters and
 * digits only. What is a letter is decided here and not by the database, whose answer depends on its locale: the same
 * ranking everywhere. Runs of unspaced scripts become their words and their character bigrams.
 */
export function plainWords(text: string): string[] {
  return wordsIn(plainText(text));
}

/** The words to index: also identifiers as a whole, and words with accents a second time without. @internal for specs */
export function analysisWords(text: string): string[] {
  const plain = plainText(text);
  const words = wordsIn(plain);
  const folded = words.flatMap((word) => {
    const bare = withoutAccents(word);
    return bare === word ? [] : [FOLDED + bare];
  });
  return [...words, ...folded, ...identifierTerms(plain)];
}

export const analysisText = (text: string): string => analysisWords(text).join(' ');

/** A form of a word of a query. */
export interface QueryWord {
  readonly word: string;
  readonly weight: number;
  /** The word as it was written: where one of its forms is known, it is not misspelt. */
  readonly of: string;
}

/** The words of a query, each once, with the forms to look for; the longest queries are cut, words said first stay. */
export function queryWords(text: string, limit = 512): QueryWord[] {
  const plain = plainText(text);
  const found = new Map<string, QueryWord>();
  const add = (word: string, weight: number, of = word) => {
    const known = found.get(word);
    if (known) found.set(word, { ...known, weight: known.weight + weight });
    else if (found.size < limit) found.set(word, { word, weight, of });
  };
  for (const term of identifierTerms(plain)) add(term, IDENTIFIER_WEIGHT);
  for (const word of wordsIn(plain)) {
    const bare = withoutAccents(word);
    add(word, 1);
    add(FOLDED + bare, FOLDED_WEIGHT, word);
    if (bare !== word) add(bare, FOLDED_WEIGHT, word);
  }
  return [...found.values()];
}

function wordsIn(plain: string): string[] {
  const words: string[] = [];
  for (const [word] of plain.matchAll(WORD)) {
    if (!UNSPACED.test(word)) words.push(word.slice(0, MAX_WORD));
    else
      for (const [run] of word.matchAll(UNSPACED_RUN))
        words.push(...(UNSPACED.test(run) ? unspacedTerms(run) : [run.slice(0, MAX_WORD)]));
  }
  return words;
}

function unspacedTerms(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length === 1) return characters;
  const bigrams = characters.slice(1).map((character, i) => characters[i]! + character);
  // A word of two characters is a bigram already: counting it twice would favour it.
  const words = Array.from(SEGMENTER.segment(run), ({ segment }) => segment);
  return [...bigrams, ...words.filter((word) => Array.from(word).length > 2).map((word) => word.slice(0, MAX_WORD))];
}
