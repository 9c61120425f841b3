import type { Block } from '../../chunking/block.js';

export interface ParsedDocument {
  /** The canonical text that offsets count in and `GET /documents/{id}/text` answers. */
  readonly text: string;
  /** Its structure, found while it is walked: a huge document is never held as a tree of blocks. */
  blocks(): Iterable<Block>;
}

/** Turns the bytes of one kind of document into text. Throws `unparsable()` for bytes it cannot read. */
export interface Parser {
  readonly mediaTypes: readonly string[];
  /** File name endings, without the dot. */
  readonly extensions: readonly string[];
  parse(bytes: Buffer, options: ParseOptions): Promise<ParsedDocument>;
}

interface ParseOptions {
  /** Of the declared media type: `iso-8859-1`. */
  readonly charset?: string;
  readonly signal: AbortSignal;
}
