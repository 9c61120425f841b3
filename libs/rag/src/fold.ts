/** Letters that no decomposition takes apart. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŧ: 't',
  þ: 'th',
};
/** Signs that a reader does not see: soft hyphens, joiners, byte order marks. They stand within words. */
const INVISIBLE = /[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/g;
/** Marks are accents in these scripts; elsewhere they are vowels, and no ornament. */
const ACCENTED = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{M}\p{N}]+$/u;

/** The text as its words are compared: compatibility forms unified, nothing invisible, lower case. Offsets do not hold. */
export const plainText = (text: string): string => text.replace(INVISIBLE, '').normalize('NFKC').toLowerCase();

/** The word without accents; the word itself where it has none. */
export function withoutAccents(word: string): string {
  if (/^\p{ASCII}*$/u.test(word) || !ACCENTED.test(word)) return word;
  return word
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßæœøđðħıłŧþ]/g, (letter) => LETTERS[letter]!)
    .normalize('NFC');
}
