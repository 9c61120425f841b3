import { stem } from './stem.js';
import { MEASURE_WORDS, STOP_WORDS } from './stop-words.js';

const WORD = /[\p{L}\p{M}\p{N}]+(?:['’]\p{L}+)?/gu;
/** Scripts whose words no spaces part, or, in Korean, whose particles no space parts from the word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Hangul}]/u;
/** Soft hyphens, joiners, marks of direction: within a word, and not seen. */
const INVISIBLE = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/g;

/** The words of a text, lower case, without accents and possessives; pairs of characters where a script has no spaces. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [match] of text.replace(INVISIBLE, '').normalize('NFKC').matchAll(WORD)) {
    if (UNSPACED.test(match)) found.push(...characterPairs(match));
    else found.push(plain(match));
  }
  return found;
}

/** The stems of the words that carry meaning, in order, repeats included. */
export function contentTerms(text: string): string[] {
  const all = words(text);
  return all.filter((word, index) => carriesMeaning(word, all[index - 1])).map(stem);
}

function carriesMeaning(word: string, previous: string | undefined): boolean {
  return !STOP_WORDS.has(word) && !(previous === 'how' && MEASURE_WORDS.has(word));
}

function plain(word: string): string {
  return word
    .replace(/['’]s?$|['’](?:re|ve|ll|d|m|t)$/i, '')
    .replace(/['’]/g, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
}

function characterPairs(run: string): string[] {
  const characters = [...run.toLowerCase()];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => characters[index]! + character);
}
