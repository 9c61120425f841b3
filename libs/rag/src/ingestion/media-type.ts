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

export interface MediaType {
  readonly type: string;
  readonly charset?: string;
}

export interface Declared {
  readonly mediaType?: string;
  readonly fileName?: string;
}

/** Declarations that say nothing: clients send them when they do not know. */
const VAGUE = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'application/x-unknown']);

/** What `bytes` are: by what they look like, then by what was declared, then by the file name. Throws 415 for others. */
export function resolveMediaType(bytes: Buffer, declared: Declared): MediaType {
  const head = bytes.toString('latin1', 0, 16);
  const binary = MAGIC.find(([magic]) => head.startsWith(magic));
  if (binary) throw unsupported(binary[1]);
  const { type, charset } = parseMediaType(declared.mediaType);
  if (!VAGUE.has(type)) {
    if (!parserFor(type)) throw unsupported(`'${type.slice(0, 80)}'`);
    return { type, charset };
  }
  const extension = /\.([A-Za-z0-9]{1,10})$/.exec(declared.fileName ?? '')?.[1]?.toLowerCase();
  const byName = PARSERS.find(({ extensions }) => extension && extensions.includes(extension));
  if (byName) return { type: byName.mediaTypes[0]!, charset };
  if (extension && declared.fileName && !looksLikeText(bytes)) throw unsupported(`'.${extension}'`);
  return { type: sniffText(bytes), charset };
}

function parseMediaType(value = ''): MediaType {
  const [type = '', ...parameters] = value.toLowerCase().split(';');
  const charset = parameters.map((p) => /^\s*charset="?([\w-]{1,40})"?\s*$/.exec(p)?.[1]).find(Boolean);
  return { type: type.trim(), charset };
}

/** Plain prose is valid markdown, so undeclared text gets its headings found. */
function sniffText(bytes: Buffer): string {
  const head = bytes.toString('latin1', 0, 1024).trimStart();
  if (/^(?:<!doctype html|<html[\s>])/i.test(head)) return 'text/html';
  if (/^[{[]/.test(head) && bytes.length <= 1024 * 1024 && isJson(bytes.toString())) return 'application/json';
  return 'text/markdown';
}

const looksLikeText = (bytes: Buffer): boolean => !bytes.subarray(0, 4096).includes(0);

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
