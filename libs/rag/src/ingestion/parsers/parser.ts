import type { Block } from '../../chunking/block.js';
import type { DocumentWarning, TextKind } from '../../documents/document.js';

/** The canonical text that offsets count in and `GET /documents/{id}/text` answers. */
interface ParsedText {
  readonly text: string;
  /** Whether that is the source itself. */
  readonly textKind: TextKind;
  /** Its structure, found while it is walked: a huge document is never held as a tree of blocks. */
  readonly blocks: Iterable<Block>;
  /** What the document says of itself. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly DocumentWarning[];
}

/**
 * Turns the source of one kind of document into text, in time that grows with its length. Throws `Unparsable` for what
 * it cannot read. Runs in a thread of its own for all but small documents, so it imports nothing that needs the house.
 */
export interface Parser {
  readonly mediaTypes: readonly string[];
  /** File name endings, without the dot. */
  readonly extensions: readonly string[];
  /** The charset that the bytes themselves declare. */
  declaredCharset?(bytes: Uint8Array): string | undefined;
  parse(source: string): ParsedText;
}
