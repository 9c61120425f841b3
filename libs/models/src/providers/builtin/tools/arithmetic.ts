import { isArithmetic } from './is-arithmetic.js';

const NUMBER = String.raw`\d+(?:\.\d+)?`;
/** Spoken operators, as signs. Each stands between numbers or before one, so that prose keeps its words. */
const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/(?<=\d),(?=\d{3}(?!\d))/g, ''],
  [/[$€£]\s*(?=\d)/g, ''],
  [/[×·]/g, '*'],
  [/÷/g, '/'],
  [/−/g, '-'],
  [new RegExp(String.raw`\bsquare root of\s+(${NUMBER})`, 'gi'), 'sqrt($1)'],
  [new RegExp(String.raw`(${NUMBER})\s*(?:%|percent)\s*of\s+(?=[\d(])`, 'gi'), '$1 / 100 * '],
  [/(?<=[\d)])\s+plus\s+(?=[\d(])/gi, ' + '],
  [/(?<=[\d)])\s+minus\s+(?=[\d(])/gi, ' - '],
  [/(?<=[\d)])\s*(?:times|multiplied by|x)\s*(?=[\d(])/gi, ' * '],
  [/(?<=[\d)])\s+(?:divided by|over)\s+(?=[\d(])/gi, ' / '],
  [/(?<=[\d)])\s+(?:to the power of|raised to)\s+(?=[\d(])/gi, ' ^ '],
  [/(?<=[\d)])\s+squared\b/gi, ' ^ 2'],
];
const RUN = /(?:sqrt\(|[\d(])(?:[\d\s.()+\-*/^]|sqrt\()*[\d)]/g;
const MAX_LENGTH = 300;
/** What only an expression looks like; `24/7` and `2025-11-01` do not. */
const UNMISTAKABLE = /[*^]|sqrt|[\d)]\s+[-+/]\s+[\d(]|\d\s*\+\s*\d/;
const ASKED =
  /(?:\bwhat(?:'s|’s| is| are)|\bcalculate|\bcompute|\bevaluate|\bsolve|\bhow much is|\bresult of|=)\s*:?\s*$/i;
const ENDS = /^\s*(?:[=?.!,;]|$)/;

/** The arithmetic expression in a question, in plain signs: "What is 17% of 2,400?" → "17 / 100 * 2400". */
export function findArithmetic(question: string): string | undefined {
  const text = SPOKEN.reduce((spoken, [words, sign]) => spoken.replace(words, sign), question);
  for (const match of text.matchAll(RUN)) {
    const expression = match[0].trim();
    const before = text.slice(0, match.index);
    const after = text.slice(match.index + match[0].length);
    const meant = UNMISTAKABLE.test(expression) || ((ASKED.test(before) || before.trim() === '') && ENDS.test(after));
    if (meant && expression.length <= MAX_LENGTH && isArithmetic(expression)) return expression.replace(/\s+/g, ' ');
  }
  return undefined;
}
