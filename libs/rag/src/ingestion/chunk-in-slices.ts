import { setImmediate } from 'node:timers/promises';
import { type ChunkSpan, packChunks } from '../chunking/pack-chunks.js';
import type { ParsedDocument } from './parsers/parser.js';

/** How long chunking may hold the event loop. */
const SLICE_MS = 10;

/** All chunks of a document, made in slices: a book is chunked while other requests are served. */
export async function chunkInSlices(document: ParsedDocument, signal: AbortSignal): Promise<ChunkSpan[]> {
  const spans: ChunkSpan[] = [];
  let pause = performance.now() + SLICE_MS;
  for (const span of packChunks(document.text, document.blocks())) {
    spans.push(span);
    if (performance.now() < pause) continue;
    signal.throwIfAborted();
    await setImmediate();
    pause = performance.now() + SLICE_MS;
  }
  return spans;
}
