import { analysisText } from '../analysis.js';
import { chunkId } from '../chunking/chunk-id.js';
import type { ChunkSpan } from '../chunking/pack-chunks.js';

/** A chunk as it is stored: with its text, and the words to analyse. */
export interface IndexedChunk extends Omit<ChunkSpan, 'repeated'> {
  readonly id: string;
  readonly ordinal: number;
  readonly text: string;
  /** The header of the table that it continues. */
  readonly repeated?: string;
  /** Words of the title and headings. */
  readonly head: string;
  /** Words of the text, and of what it repeats. */
  readonly body: string;
}

/** Numbers the chunks of a document; equal ones get different ids by their order. */
export class ChunkNumbering {
  private readonly seen = new Map<string, number>();
  private ordinal = 0;

  constructor(
    private readonly documentId: string,
    private readonly title: string,
    private readonly text: string,
  ) {}

  next({ repeated: header, ...span }: ChunkSpan): IndexedChunk {
    const text = this.text.slice(span.charStart, span.charEnd);
    const repeated = header && this.text.slice(header.start, header.end);
    const content = { headingPath: span.headingPath, repeated, text };
    const first = chunkId(this.documentId, content, 0);
    const repeat = this.seen.get(first) ?? 0;
    this.seen.set(first, repeat + 1);
    return {
      ...span,
      id: repeat === 0 ? first : chunkId(this.documentId, content, repeat),
      ordinal: this.ordinal++,
      text,
      repeated,
      head: analysisText([this.title, ...span.headingPath].join('\n')),
      body: analysisText(repeated === undefined ? text : `${repeated}\n${text}`),
    };
  }
}
