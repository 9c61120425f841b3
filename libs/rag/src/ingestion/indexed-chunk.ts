import { analysisText } from '../analysis.js';
import { chunkId } from '../chunking/chunk-id.js';
import type { ChunkSpan } from '../chunking/pack-chunks.js';

/** A chunk as it is stored: with its text, and the words to analyse. */
export interface IndexedChunk extends ChunkSpan {
  readonly id: string;
  readonly ordinal: number;
  readonly text: string;
  /** Words of the title and headings. */
  readonly head: string;
  /** Words of the text. */
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

  next(span: ChunkSpan): IndexedChunk {
    const text = this.text.slice(span.charStart, span.charEnd);
    const first = chunkId(this.documentId, span.headingPath, text, 0);
    const repeat = this.seen.get(first) ?? 0;
    this.seen.set(first, repeat + 1);
    return {
      ...span,
      id: repeat === 0 ? first : chunkId(this.documentId, span.headingPath, text, repeat),
      ordinal: this.ordinal++,
      text,
      head: analysisText([this.title, ...span.headingPath].join('\n')),
      body: analysisText(text),
    };
  }
}
