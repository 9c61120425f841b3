import { parseDocument } from 'yaml';
import type { DocumentWarning } from '../../documents/document.js';

export interface FrontMatter {
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Where the text begins. */
  readonly end: number;
  readonly warnings?: readonly DocumentWarning[];
}

const FENCE = /^---[ \t]*\r?\n/;
const CLOSE = /^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/gm;
/** As much as metadata may have. */
const MAX_LENGTH = 16_000;
const NONE: FrontMatter = { end: 0 };

/** The YAML between two lines of dashes that markdown may begin with: fields of the document, no text of it. */
export function frontMatter(source: string): FrontMatter {
  const start = FENCE.exec(source.slice(0, 100))?.[0].length;
  if (start === undefined) return NONE;
  const inner = source.slice(start, start + MAX_LENGTH);
  const close = inner.matchAll(CLOSE).next().value;
  if (!close) return NONE;
  const end = start + close.index + close[0].length;
  const yaml = inner.slice(0, close.index);
  const fields = fieldsOf(yaml);
  if (fields) return { metadata: fields, end };
  if (yaml.trim() === '') return { end };
  // Two rules with prose between them look the same. What has the form of fields is none, whatever is wrong with it.
  if (!/^[\w-]+[ \t]*:(?:\s|$)/.test(yaml)) return NONE;
  return { end, warnings: [{ code: 'front_matter_ignored', message: 'Its front matter is no valid YAML: not read' }] };
}

function fieldsOf(yaml: string): Record<string, unknown> | undefined {
  try {
    const document = parseDocument(yaml, { schema: 'core', intAsBigInt: true, logLevel: 'silent' });
    if (document.errors.length > 0) return undefined;
    const value: unknown = document.toJS({ maxAliasCount: 10 });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const json = JSON.stringify(value, (_, field: unknown) => storable(field));
    return json.length > MAX_LENGTH ? undefined : (JSON.parse(json) as Record<string, unknown>);
  } catch {
    // Too deep, too many aliases: nothing that says something of a document.
    return undefined;
  }
}

/** Digits are kept: a number that JSON's readers would round becomes text. */
function storable(field: unknown): unknown {
  if (typeof field === 'bigint') return Number.isSafeInteger(Number(field)) ? Number(field) : String(field);
  return typeof field === 'string' ? field.replaceAll('\0', '\ufffd').toWellFormed() : field;
}
