import chardet from 'chardet';
import type { DocumentWarning } from '../../documents/document.js';
import { Unparsable } from './unparsable.js';

type Decoder = InstanceType<typeof TextDecoder>;

export interface DecodedText {
  readonly text: string;
  readonly warnings: readonly DocumentWarning[];
}

export interface DeclaredCharsets {
  /** Beside the bytes: of a media type. One that nobody knows fails the document. */
  readonly outside?: string;
  /** By the bytes themselves: of an HTML `<meta>`. */
  readonly inside?: string;
}

const MARKS: readonly (readonly [bytes: readonly number[], charset: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe, 0, 0], 'utf-32le'],
  [[0, 0, 0xfe, 0xff], 'utf-32be'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0x84, 0x31, 0x95, 0x33], 'gb18030'],
];
/** Says nothing that the bytes do not say better: what is not ASCII in it shows that the label is wrong. */
const ASCII = /^(?:us-)?ascii$|^ansi_x3\.4-1968$|^utf-?8$/i;
const UTF_16 = /^(?:utf-?16|ucs-?2|iso-10646-ucs-2|unicode$|csunicode|unicodef)/i;
/** A guess needs no more to go by. */
const SAMPLE = 65_536;
const SURE_ENOUGH = 40;

/**
 * The text in `bytes`: by its byte order mark, which is no part of it; else as declared; else as UTF-8, also with a few
 * stray bytes; else by a guess. The last two are told as warnings.
 */
export function decodeText(bytes: Uint8Array, declared: DeclaredCharsets = {}): DecodedText {
  const { text, warnings = [] } = decode(bytes, declared);
  // Postgres cannot store NUL, and text does not hold it: this is something binary.
  if (text.includes('\0')) throw new Unparsable('The document holds NUL characters, so it is not text');
  return { text, warnings };
}

function decode(
  bytes: Uint8Array,
  { outside, inside }: DeclaredCharsets,
): { text: string; warnings?: DocumentWarning[] } {
  const mark = MARKS.find(([start]) => start.every((byte, i) => bytes[i] === byte))?.[1];
  if (mark) return { text: decoderOf(mark).decode(bytes) };
  if (outside && !ASCII.test(outside)) return asDeclared(bytes, outside);
  const decoder = outside ? undefined : readableInside(inside);
  if (decoder) return { text: decoder.decode(bytes) };
  return (bytes.includes(0) ? undefined : (asUtf8(bytes) ?? asMostlyUtf8(bytes))) ?? guess(bytes);
}

/** As whoever sent it says, but for UTF-16 that is no such thing: valid UTF-8 hardly ever happens to be both. */
function asDeclared(bytes: Uint8Array, charset: string): { text: string; warnings?: DocumentWarning[] } {
  const decoder = decoderOf(charset);
  const utf8 = UTF_16.test(charset) && !bytes.includes(0) ? asUtf8(bytes) : undefined;
  if (!utf8) return { text: decoder.decode(bytes) };
  const message = `Declared as ${decoder.encoding}, but its bytes are UTF-8: read as UTF-8`;
  return { ...utf8, warnings: [{ code: 'charset_ignored', message }] };
}

/** A declaration that could be read as ASCII is not in UTF-16; one that nobody knows is passed over, as browsers do. */
function readableInside(charset: string | undefined): Decoder | undefined {
  if (!charset || ASCII.test(charset) || UTF_16.test(charset)) return undefined;
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined;
  }
}

function decoderOf(charset: string): Decoder {
  try {
    return new TextDecoder(charset);
  } catch (cause) {
    throw new Unparsable(`The charset '${charset.slice(0, 40)}' is unknown: send UTF-8`, { cause });
  }
}

function asUtf8(bytes: Uint8Array): { text: string } | undefined {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return undefined;
  }
}

/** A few bytes that are no UTF-8 among characters that can hardly be anything else. */
function asMostlyUtf8(bytes: Uint8Array): { text: string; warnings: DocumentWarning[] } | undefined {
  const text = new TextDecoder('utf-8').decode(bytes);
  let strays = 0;
  let characters = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd) strays++;
    else if (code > 0x7f) characters++;
  }
  if (characters < strays) return undefined;
  const message = `${strays} of its bytes are no UTF-8: U+FFFD stands in their place`;
  return { text, warnings: [{ code: 'bytes_replaced', message }] };
}

function guess(bytes: Uint8Array): { text: string; warnings: DocumentWarning[] } {
  const sample = bytes.subarray(0, SAMPLE);
  const best = chardet.analyse(sample).find(({ confidence }) => confidence >= SURE_ENOUGH);
  const decoder = utf16WithoutMark(sample) ?? readableInside(best?.name) ?? new TextDecoder('windows-1252');
  const message = `Nothing declares its encoding, and it is no UTF-8: read as ${decoder.encoding}, which is a guess`;
  return { text: decoder.decode(bytes), warnings: [{ code: 'encoding_guessed', message }] };
}

/** Text of most scripts has spaces and line breaks: in UTF-16 that is many zeros, all on one side of the pairs. */
function utf16WithoutMark(sample: Uint8Array): Decoder | undefined {
  const zeros = [0, 0];
  sample.forEach((byte, i) => byte === 0 && zeros[i % 2]!++);
  const [even = 0, odd = 0] = zeros;
  if (sample.length % 2 > 0 || Math.max(even, odd) < sample.length / 4 || Math.min(even, odd) > 0) return undefined;
  return new TextDecoder(even > odd ? 'utf-16be' : 'utf-16le');
}
