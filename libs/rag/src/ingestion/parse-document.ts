import { createHash } from 'node:crypto';
import { type ChunkSpan, packChunks } from '../chunking/pack-chunks.js';
import type { DocumentWarning, TextKind } from '../documents/document.js';
import { decodeText } from './parsers/decode-text.js';
import { parserFor } from './parsers/registry.js';
import { Unparsable } from './parsers/unparsable.js';

export interface ParsedDocument {
  readonly text: string;
  readonly textKind: TextKind;
  readonly spans: readonly ChunkSpan[];
  /** What the document says of itself. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly warnings: readonly DocumentWarning[];
  readonly hash: string;
}

/** What bytes are read as: a media type that has a parser, and the charset declared with it. */
export interface ReadAs {
  readonly type: string;
  readonly charset?: string;
}

/** From bytes to chunks, without any I/O. Throws `Unparsable`. */
export function parseDocument(bytes: Uint8Array, { type, charset }: ReadAs): ParsedDocument {
  const parser = parserFor(type)!;
  const source = decodeText(bytes, { outside: charset, inside: parser.declaredCharset?.(bytes) });
  const { text, textKind, blocks, metadata = {}, warnings = [] } = parser.parse(source.text);
  const spans = [...packChunks(text, blocks)];
  if (spans.length === 0) throw new Unparsable('The document holds no text');
  const hash = createHash('sha256').update(text).digest('hex');
  return { text, textKind, spans, metadata, warnings: [...source.warnings, ...warnings], hash };
}
