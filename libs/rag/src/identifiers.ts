/** "AB-123/4", "1.2.3", "10x15", "a_1": a word with a digit, and signs between its parts. */
const JOINED = /[\p{L}\p{N}\p{M}]+(?:[-_/.:×][\p{L}\p{N}\p{M}]+)+/gu;
/** "C#", "C++", ".NET": signs at a short name's end, or a point before it. */
const SIGNED = /(?<![\p{L}\p{N}])(?:\p{L}{1,3}(?:\+\+|#)|\.\p{L}{2,5}(?![\p{L}\p{N}.]))/gu;
/** "10 cm", "10 x 15": an amount and its unit are one thing, however they are spaced. */
const UNITS = 'mm|cm|dm|m|km|inch|ft|mg|g|kg|lb|oz|ml|cl|l|w|kw|kwh|v|mah|hz|khz|mhz|ghz|kb|mb|gb|tb|bar|px|dpi';
const MEASURE = new RegExp(String.raw`(?<![\p{L}\p{N}.,/-])(\d+(?:[.,]\d+)?)[ \t-]?(${UNITS})(?![\p{L}\p{N}])`, 'gu');
const SIZE = /(?<![\p{L}\p{N}.])\d+(?:[.,]\d+)?(?:[ \t]?[x×][ \t]?\d+(?:[.,]\d+)?)+(?!\p{N})/gu;
const MAX_LENGTH = 40;
/** Begins the word of an identifier; with its digit no stemmer touches it. */
export const IDENTIFIER = 'id0';

/**
 * What a text names by part number, version, size or sign, each as one word of letters and digits only, so that every
 * analyser leaves it whole: a part number is another thing than its parts in another order. The text is plain already.
 */
export function identifierTerms(text: string): string[] {
  if (!/[\p{N}#+.]/u.test(text)) return [];
  const found: string[] = [];
  for (const [word] of text.matchAll(JOINED)) if (/\p{N}/u.test(word)) found.push(word);
  for (const [word] of text.matchAll(SIGNED)) found.push(word);
  for (const [, amount, unit] of text.matchAll(MEASURE)) found.push(`${amount!.replace(',', '.')} ${unit}`);
  for (const [size] of text.matchAll(SIZE))
    found.push(size.replace(/[ \t]/g, '').replace(/×/g, 'x').replace(/,/g, '.'));
  return found.filter((name) => name.length <= MAX_LENGTH).map(encoded);
}

const encoded = (name: string): string =>
  `${IDENTIFIER}${name.replace(/[^a-z0-9]/gu, (sign) => `z${sign.codePointAt(0)!.toString(16)}z`)}`;
