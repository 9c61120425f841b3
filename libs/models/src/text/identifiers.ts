import { stem } from './stem.js';
import { STOP_WORDS } from './stop-words.js';

/**
 * What names exactly one thing or amount: a part number or version (`code`), a day of the year (`date`), a size
 * (`measure`), the number of a thing ("room 12", `numbered`).
 */
export interface Identifier {
  readonly kind: 'code' | 'date' | 'measure' | 'numbered';
  /** The unit, or the thing that is numbered. Values of different ones do not contradict each other. */
  readonly of: string;
  readonly value: string;
  /** As it was written. */
  readonly text: string;
}

type Rule = readonly [pattern: RegExp, read: (match: RegExpExecArray) => Omit<Identifier, 'text'> | undefined];

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH = String.raw`(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?`;
const YEAR = String.raw`(?:,?\s(?<year>\d{4})\b)?`;
// Not of time or money: rules limit these, and questions name other amounts of them ("after 40 days").
const UNITS =
  'mm|cm|dm|m|km|inch(?:es)?|ft|feet|mg|g|kg|lbs?|oz|ml|cl|l|lit(?:er|re)s?|w|watts?|kw|kwh|v|volts?|mah|[kmg]?hz|[kmgt]b|°c|°f|px|dpi';
const VERSIONS = new Set(['version', 'release']);
/** Times, ranges, ordinals, "30-day" and "24/7" have a sign or a letter and still are numbers. */
const NUMBER =
  /^(?:\d+(?:[.,]\d+)?|\d{1,3}(?:,\d{3})+|\d+(?:st|nd|rd|th|s|x)|\d{1,2}(?:[:.]\d{2})?[ap]m|\d{1,2}:\d{2}|\d+-\d+|\d{1,2}\/\d{1,2}|\d+-\p{L}{3,})$/iu;

const DATES = [
  /(?<![\w.-])(?<year>\d{4})-(?<number>\d{2})-(?<day>\d{2})(?!\w)/g,
  /(?<![\w.-])(?<day>\d{1,2})\.\s?(?<number>0?[1-9]|1[0-2])\.(?:\s?(?<year>\d{4}))?(?!\w)/g,
  new RegExp(String.raw`(?<![\w.])(?<day>\d{1,2})(?:st|nd|rd|th|\.)?\s(?:of\s)?${MONTH}${YEAR}`, 'gi'),
  new RegExp(String.raw`\b${MONTH}\s(?<day>\d{1,2})(?:st|nd|rd|th)?(?!\w)${YEAR}`, 'gi'),
].map((pattern): Rule => [pattern, ({ groups }) => dateOf(groups!)]);

/** Tried in this order; what one took is gone for the next. */
const RULES: readonly Rule[] = [
  ...DATES,
  [
    /(?<![\p{L}\p{N}.])\d+(?:[.,]\d+)?(?:\s?[x×]\s?\d+(?:[.,]\d+)?)+(?![\p{N}])/giu,
    ([size]) => ({ kind: 'measure', of: 'size', value: size.toLowerCase().replace(/\s/g, '').replace(/×/g, 'x') }),
  ],
  [
    new RegExp(String.raw`(?<![\p{L}\p{N}.,/-])(\d+(?:[.,]\d+)?)\s?-?(${UNITS})(?![\p{L}\p{N}])`, 'giu'),
    ([, amount, unit]) => ({ kind: 'measure', of: unit!.toLowerCase(), value: amount!.replace(',', '.') }),
  ],
  [/(?<![\p{L}\p{N}])(?:\p{L}{1,3}(?:\+\+|#)|\.\p{Lu}{2,}\b)/gu, ([sign]) => code(sign)],
  [
    /[\p{L}\p{N}]+(?:[-_/.:][\p{L}\p{N}]+)*/gu,
    ([word]) => (/\p{N}/u.test(word) && !NUMBER.test(word) ? code(word) : undefined),
  ],
  [
    /(?<![\p{L}\p{N}])(\p{L}{3,})\s(?:no\.?\s?|number\s|nr\.?\s?|[#№]\s?)?(\d+(?:\.\d+)*)(?![\p{L}\p{N}]|[,:/-]\d|\s?%)/giu,
    ([, noun, number]) => numbered(noun!.toLowerCase(), number!),
  ],
];

/** The identifiers of a text. */
export function identifiersIn(text: string): Identifier[] {
  const found: Identifier[] = [];
  let rest = text.normalize('NFKC');
  for (const [pattern, read] of RULES) {
    const kept: string[] = [];
    let at = 0;
    for (const match of rest.matchAll(pattern)) {
      const identifier = read(match);
      if (!identifier) continue;
      found.push({ ...identifier, text: match[0].trim() });
      kept.push(rest.slice(at, match.index));
      at = match.index + match[0].length;
    }
    rest = [...kept, rest.slice(at)].join(' ; ');
  }
  return found;
}

export function sameIdentifier(a: Identifier, b: Identifier): boolean {
  if (a.kind !== b.kind || a.of !== b.of) return false;
  if (a.kind !== 'date') return a.value === b.value;
  const [day, year] = a.value.split('/');
  const [otherDay, otherYear] = b.value.split('/');
  return day === otherDay && (!year || !otherYear || year === otherYear);
}

/** Whether one says another value of the same: "20 cm" and "25 cm", "room 12" and "room 14". */
export const contradicts = (a: Identifier, b: Identifier): boolean =>
  a.kind === b.kind && a.of === b.of && !sameIdentifier(a, b);

function code(word: string): Omit<Identifier, 'text'> {
  return { kind: 'code', of: '', value: word.toLowerCase().replace(/^v(?=\d+(?:\.\d+)*$)/, '') };
}

function numbered(noun: string, number: string): Omit<Identifier, 'text'> | undefined {
  if (STOP_WORDS.has(noun) || MONTHS.includes(noun.slice(0, 3))) return undefined;
  return VERSIONS.has(noun) ? code(number) : { kind: 'numbered', of: stem(noun), value: number };
}

function dateOf({ day, month, number, year }: Record<string, string | undefined>): Omit<Identifier, 'text'> {
  const at = month ? MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1 : Number(number);
  return { kind: 'date', of: 'day', value: `${at}-${Number(day)}/${year ?? ''}` };
}
