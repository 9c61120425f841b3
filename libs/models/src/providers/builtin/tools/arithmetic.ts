import { isExpression, tokensAt } from './expression-tokens.js';

const NUMBER = String.raw`\d+(?:\.\d+)?`;
/** Spoken operators, as signs. Each stands between numbers or before one, so that prose keeps its words. */
const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/(?<=\d)[,'’\u00A0\u202F](?=\d{3}(?!\d))/g, ''],
  [/[$€£¥]\s*(?=\d)|(?<=\d)\s*[$€£¥]/g, ''],
  [/(?<=\d)\s*(?:percent|per cent|pct|prozent|pour cent|por ciento|per cento|por cento)\b/gi, '%'],
  [/(?<=\d\s*%)\s*(?:of|von|de|di|del|van)\s+(?:the\s+|den\s+)?(?=[\d(])/gi, ' of '],
  [new RegExp(String.raw`(${NUMBER}%)\s*(?:off|less than)\s+(${NUMBER})`, 'gi'), '$2 - $1'],
  [new RegExp(String.raw`(${NUMBER}%)\s*(?:on top of|more than)\s+(${NUMBER})`, 'gi'), '$2 + $1'],
  [/[·]/g, '*'],
  [/÷/g, '/'],
  [/[−–]/g, '-'],
  [new RegExp(String.raw`\bsquare root of\s+(${NUMBER})`, 'gi'), 'sqrt($1)'],
  [/(?<=[\d)%])\s+plus\s+(?=[-\d(])/gi, ' + '],
  [/(?<=[\d)%])\s+(?:minus|less)\s+(?=[-\d(])/gi, ' - '],
  [/\b(?:minus|negative)\s+(?=[\d(])/gi, '-'],
  [/(?<=[\d)%])\s*(?:times|multiplied by|mal)\s*(?=[-\d(])/gi, ' * '],
  // Kept apart from `*` to tell "10x15 cm", a size, from a product.
  [/(?<=[\d)])\s*x\s*(?=[\d(])/gi, ' × '],
  [/(?<=[\d)%])\s+(?:divided by|over|geteilt durch)\s+(?=[-\d(])/gi, ' / '],
  [/(?<=[\d)])\s+(?:to the power of|raised to|hoch)\s+(?=[-\d(])/gi, ' ^ '],
  [/(?<=[\d)])\s+squared\b/gi, ' ^ 2'],
  [/(?<=[\d)])\s+cubed\b/gi, ' ^ 3'],
];
const START = /\d|\.\d|[-+](?=\s*[-+(.\d])|\(|[a-z]+(?=\()/gi;
const MAX_LENGTH = 300;

/** What may stand before an expression that is asked about: nothing, or words that ask for its value. */
const ASKED = new RegExp(
  [
    String.raw`(?:^|[.?!,;:]\s+|[("“«]|\b(?:and|also|then|please|so|you|und|et|y)\s+)`,
    '(?:',
    String.raw`(?:what(?:'s|’s| is| are| does| do you get for| would)|how much (?:is|are|does|would|makes?)|how many (?:\S+ )?(?:is|are)|`,
    String.raw`calculate|compute|evaluate|solve|work out|add up|tell me|give me|show me|and|also|then|please|`,
    String.raw`was (?:ist|sind|ergibt)|wie ?viel (?:ist|sind|ergibt|macht)|berechne|rechne|combien (?:font|fait)|cu[aá]nto (?:es|son)|quanto (?:fa|é|fanno))`,
    String.raw`(?:\s+what)?(?:\s+(?:is|are))?(?:\s+the)?(?:\s+(?:results?|value|answer|sum|total|product|difference)(?:\s+(?:of|to|for))?)?`,
    String.raw`)?\s*:?\s*$`,
  ].join(''),
  'i',
);
const COMPARED = /(?:^|[.?!,;:]\s+)is\s+$/i;
const COMPARISON =
  /^\s*(?:more|less|greater|bigger|smaller|larger|higher|lower|equal|the same)\s+(?:than|to|as)\s+-?\d/i;
const ENDS = /^\s*(?:=|equals?|is|be|makes?)?\s*(?:please|now|exactly|in total|altogether)?\s*(?:[=?.!,;)]|$|and\b)/i;
/** A unit that the result may carry; behind a size ("10 × 15 cm") it says that no product is meant. */
const UNIT_ENDS =
  /^\s*(?:eur|euros?|usd|dollars?|pounds?|gbp|chf|yen|cents?|[ck]?m|mm|[km]?g|m?l|hours?|minutes?|days?|people|items?|pieces?|%)\s*(?:please)?\s*(?:[=?.!,;)]|$)/i;
const SIZE = /^\s*[\d.]+(?:\s*×\s*[\d.]+)+\s*$/;
/** "2025-11-01" and "030-1234567" are names of something. */
const DATE_OR_PHONE = /\d{4}-\d{2}-\d{2}|(?<![\d.])0\d/;
const GLUED_BEFORE = /[\p{L}\p{N}_#№./:-]$/u;
const GLUED_AFTER = /^(?:[\p{L}_#/:]|[-.]\d)/u;

/**
 * The arithmetic expression that a question asks about, as the calculator reads it: "What is 17% of 2,400?" → "17% of
 * 2400". Numbers that only stand in a question are none.
 */
export function findArithmetic(question: string): string | undefined {
  const text = SPOKEN.reduce((spoken, [words, sign]) => spoken.replace(words, sign), question);
  START.lastIndex = 0;
  for (let start = START.exec(text); start; start = START.exec(text)) {
    const { tokens, end, read } = tokensAt(text, start.index);
    START.lastIndex = Math.max(START.lastIndex, read);
    const expression = text.slice(start.index, end).trim();
    if (expression.length > MAX_LENGTH || !isExpression(tokens) || DATE_OR_PHONE.test(expression)) continue;
    if (isAsked(text.slice(0, start.index), expression, text.slice(end))) {
      return expression.replace(/×/g, '*').replace(/\s+/g, ' ');
    }
  }
  return undefined;
}

function isAsked(before: string, expression: string, after: string): boolean {
  if (GLUED_BEFORE.test(before) || GLUED_AFTER.test(after)) return false;
  if (COMPARED.test(before) && COMPARISON.test(after)) return true;
  if (!ASKED.test(before)) return false;
  return ENDS.test(after) || (!SIZE.test(expression) && UNIT_ENDS.test(after));
}
