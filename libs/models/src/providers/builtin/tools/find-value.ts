import { stem } from '../../../text/stem.js';
import { words } from '../../../text/terms.js';
import { findArithmetic } from './arithmetic.js';
import { findTimeZone } from './time-zone.js';

/** The parts of a JSON Schema property that tell which value of a text is meant. */
export interface Property {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Wanted {
  readonly name: string;
  readonly property: Property;
  readonly text: string;
  /** Values that other properties took. */
  readonly used: ReadonlySet<unknown>;
  /** A value must be found: weaker evidence will do. */
  readonly needed: boolean;
}

type Rule = (wanted: Wanted) => unknown;

const FORMATS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries<RegExp>({
    email: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
    uri: /https?:\/\/[^\s"'<>]+[^\s"'<>.,;:!?)]/g,
    uuid: /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
    date: /\b\d{4}-\d{2}-\d{2}\b/g,
    'date-time': /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})/g,
  }),
);
const QUOTED = /"([^"]+)"|“([^”]+)”|'([^']{2,})'(?!\w)/g;
const IDENTIFIER = /(?<![\w.-])#?((?=[\w-]*\d)[\p{L}\d][\w-]*)/gu;
const PLACE = /\b(?:in|at|for|near|from|to|of)\s+((?:\p{Lu}[\p{L}'’-]*)(?:\s+\p{Lu}[\p{L}'’-]*)*)/gu;
const PLACE_LOWER =
  /\b(?:in|at|near)\s+(?!the\b|a\b|my\b|your\b)([\p{L}'’-]{3,})(?=\s*(?:[?.!,]|$|\s(?:now|today|tomorrow|and|right)\b))/giu;
const PROPER_NAME = /(?<=\S\s)(\p{Lu}[\p{L}'’-]+(?:\s+\p{Lu}[\p{L}'’-]+)*)/gu;
const NUMBER = /(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-]|\.\d)/g;

/** What the name of a string says of its values, first match wins. */
const BY_NAME: readonly (readonly [name: RegExp, rule: Rule])[] = [
  [/time_?zone|^tz$/i, ({ text }) => findTimeZone(text)],
  [/e-?mail/i, (wanted) => first(wanted, FORMATS.get('email')!)],
  [/^(?:uri|url|link)$/i, (wanted) => first(wanted, FORMATS.get('uri')!)],
  [/^(?:expression|formula|calculation)$/i, ({ text }) => findArithmetic(text)],
  [
    /city|place|location|country|region|town|destination|origin/i,
    (wanted) => first(wanted, PLACE) ?? first(wanted, PLACE_LOWER),
  ],
  [
    /^id$|(?:Id|ID|_id|-id|[nN]umber|[cC]ode|[sS]ku|[rR]eference)$/,
    (wanted) => (wanted.needed ? (first(wanted, QUOTED) ?? first(wanted, IDENTIFIER)) : undefined),
  ],
  [
    /^(?:q|query|question|search|text|input|message|prompt|keywords?)$/i,
    ({ text, needed, ...rest }) => (needed ? (first({ text, needed, ...rest }, QUOTED) ?? text.trim()) : undefined),
  ],
];

/** The value that a text states for a property, by rule; undefined where it states none. */
export function findValue(wanted: Wanted): unknown {
  const { property, text } = wanted;
  if (property.const !== undefined) return property.const;
  if (property.enum) return namedIn(text, property.enum);
  const type = Array.isArray(property.type) ? property.type.find((one) => one !== 'null') : property.type;
  if (type === 'number' || type === 'integer') return findNumber(wanted, type);
  if (type === 'string') return findString(wanted);
  return undefined;
}

function findNumber({ property, text, used, needed }: Wanted, type: 'number' | 'integer'): number | undefined {
  if (!needed) return undefined;
  return [...text.matchAll(NUMBER)]
    .map(([digits]) => Number(digits))
    .find(
      (value) =>
        !used.has(value) &&
        (type === 'number' || Number.isInteger(value)) &&
        value >= (property.minimum ?? -Infinity) &&
        value <= (property.maximum ?? Infinity),
    );
}

function findString(wanted: Wanted): string | undefined {
  const format = wanted.property.format && FORMATS.get(wanted.property.format);
  if (format) return first(wanted, format);
  const rule = BY_NAME.find(([name]) => name.test(wanted.name))?.[1];
  if (rule) return rule(wanted) as string | undefined;
  return wanted.needed ? (first(wanted, QUOTED) ?? first(wanted, PROPER_NAME)) : undefined;
}

/** The first match, its group if it has one, that no other property took. */
function first({ text, used }: Wanted, pattern: RegExp): string | undefined {
  for (const match of text.matchAll(pattern)) {
    const value = match.slice(1).find((group) => group !== undefined) ?? match[0];
    if (!used.has(value)) return value;
  }
  return undefined;
}

function namedIn(text: string, values: readonly unknown[]): unknown {
  const said = words(text).map(stem);
  return values.find((value) => {
    const parts = words(String(value)).map(stem);
    return parts.length > 0 && said.some((_, at) => parts.every((part, index) => said[at + index] === part));
  });
}
