const VOWEL = /[aeiouy]/;

/** Endings with the shortest word that may lose them, tried in this order; the first that fits is cut. */
const ENDINGS: readonly (readonly [ending: string, minLength: number])[] = [
  ['ations', 9],
  ['ation', 8],
  ['ments', 8],
  ['ment', 7],
  ['ables', 8],
  ['able', 7],
  ['ible', 7],
  ['ings', 7],
  ['ing', 6],
  ['edly', 7],
  ['ed', 5],
  ['ly', 6],
];

/**
 * A light stemmer: inflections of a word meet (`returns returned returning`), and nothing else is attempted. The result
 * is for comparing, not for reading.
 */
export function stem(word: string): string {
  if (word.length <= 3 || /\d/.test(word)) return word;
  const singular = withoutPlural(word);
  const ending = ENDINGS.find(([text, minLength]) => singular.length >= minLength && singular.endsWith(text));
  const root = ending ? singular.slice(0, -ending[0].length) : singular;
  return tidy(VOWEL.test(root) ? root : singular);
}

function withoutPlural(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  return /[^suia]s$/.test(word) ? word.slice(0, -1) : word;
}

/** `charge charged` → `charg`, `ship shipped` → `ship`, `policy policies` → `polici`. */
function tidy(root: string): string {
  const bare = root.length > 4 && root.endsWith('e') ? root.slice(0, -1) : root;
  const single = bare.length > 3 && /([^aeiou])\1$/.test(bare) ? bare.slice(0, -1) : bare;
  return single.length > 3 && single.endsWith('y') ? `${single.slice(0, -1)}i` : single;
}
