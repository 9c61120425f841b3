import { ValidationError } from '@guildhall/sdk';
import { PARSERS, READABLE, parserFor } from './parsers/registry.js';

/** What the first bytes of binary formats look like; none of them is text, whatever a client declares. */
const MAGIC: readonly (readonly [string, string])[] = [
  ['%PDF-', 'PDF'],
  ['PK\x03\x04', 'ZIP (docx, xlsx, pptx, epub)'],
  ['PK\x05\x06', 'ZIP'],
  ['\xd0\xcf\x11\xe0', 'Microsoft Office 97'],
  ['\x89PNG', 'PNG'],
  ['\xff\xd8\xff', 'JPEG'],
  ['GIF8', 'GIF'],
  ['\x1f\x8b', 'gzip'],
  ['\x7fELF', 'an executable'],
  ['MZ\x90', 'an executable'],
  ['Rar!', 'RAR'],
  ["7z\xbc\xaf'\x1c", '7-Zip'],
  ['RIFF', 'audio or video'],
  ['ID3', 'audio'],
  ['SQLite format 3', 'SQLite'],
];

/** Longer JSON is not tried: it is told from text by its name or its declaration. */
const MOST_JSON_BYTES = 1024 * 1024;
/** Who has these first bytes knows as much of the kind as who has all. */
export const TELLING_BYTES = MOST_JSON_BYTES + 1;

export interface MediaType {
  readonly type: string;
  readonly charset?: string;
}

export interface Declared {
  readonly mediaType?: string;
  readonly fileName?: string;
}

/** Declarations that say nothing: clients send them when they do not know. */
const VAGUE = new Set([
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'application/binary',
  'application/unknown',
  'application/x-unknown',
  'application/x-www-form-urlencoded',
  'unknown/unknown',
  '*/*',
]);

/** Other names under which clients send what can be read; the name of the file may tell better. */
const ALIASES: Readonly<Record<string, string>> = {
  'application/vnd.ms-excel': 'text/csv',
  'application/csv': 'text/csv',
  'application/x-csv': 'text/csv',
  'text/x-csv': 'text/csv',
  'text/comma-separated-values': 'text/csv',
  'text/x-comma-separated-values': 'text/csv',
  'text/tsv': 'text/tab-separated-values',
  'text/json': 'application/json',
  'text/x-json': 'application/json',
  'application/x-json': 'application/json',
  'application/markdown': 'text/markdown',
  'application/x-markdown': 'text/markdown',
  'text/x-web-markdown': 'text/markdown',
  'text/md': 'text/markdown',
  'application/html': 'text/html',
  'application/text': 'text/plain',
  'application/txt': 'text/plain',
  'text/x-log': 'text/plain',
  'text/x-markdown': 'text/markdown',
  'text/*': 'text/plain',
};

/**
 * What `bytes` are, of which the first `TELLING_BYTES` are enough: by what they look like, then by what was declared,
 * then by the file name. Throws 415 for others.
 */
export function resolveMediaType(bytes: Buffer, declared: Declared): MediaType {
  const head = bytes.toString('latin1', 0, 16);
  const binary = MAGIC.find(([magic]) => head.startsWith(magic));
  if (binary) throw unsupported(binary[1]);
  const { type, charset } = parseMediaType(declared.mediaType);
  if (parserFor(type)) return { type, charset };
  const alias = ALIASES[type] ?? (/^application\/[\w.-]{1,80}\+json$/.test(type) ? 'application/json' : undefined);
  if (!alias && !VAGUE.has(type)) throw unsupported(`'${type.slice(0, 80)}'`);
  const extension = /\.([A-Za-z0-9]{1,10})$/.exec(declared.fileName ?? '')?.[1]?.toLowerCase();
  const byName = PARSERS.find(({ extensions }) => extension && extensions.includes(extension));
  if (byName) return { type: extension === 'tsv' ? 'text/tab-separated-values' : byName.mediaTypes[0]!, charset };
  if (extension && !looksLikeText(bytes)) throw unsupported(`'.${extension}'`);
  const sniffed = sniffText(bytes);
  return { type: sniffed === 'text/html' ? sniffed : (alias ?? sniffed), charset };
}

function parseMediaType(value = ''): MediaType {
  const [type = '', ...parameters] = value.toLowerCase().split(';');
  const charset = parameters.map((p) => /^\s*charset\s*=\s*["']?([^\s"']{1,100})/.exec(p)?.[1]).find(Boolean);
  return { type: type.trim(), charset };
}

/** Plain prose is valid markdown, so undeclared text gets its headings found. */
function sniffText(bytes: Buffer): string {
  const head = bytes
    .toString('latin1', 0, 1024)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (/^(?:<\?xml[^>]{0,200}>\s{0,20})?<(?:!doctype html|html[\s>])/i.test(head)) return 'text/html';
  if (/^[{[]/.test(head) && bytes.length <= MOST_JSON_BYTES && isJson(bytes.toString())) return 'application/json';
  return 'text/markdown';
}

/** Text in UTF-16 is full of zeros, and begins with its mark. */
const looksLikeText = (bytes: Buffer): boolean =>
  !bytes.subarray(0, 4096).includes(0) || /^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const unsupported = (what: string): ValidationError =>
  new ValidationError(
    `Documents of type ${what} cannot be read: send ${READABLE}`,
    [{ path: 'mediaType', code: 'unsupported', message: `Convert it to one of ${READABLE}` }],
    'unsupported_media_type',
  );
