import { type Block, isBlank, linesOf } from './block.js';

/** Plain text: paragraphs are what blank lines separate. */
export function* textBlocks(text: string): Generator<Block> {
  let open: { start: number; end: number } | undefined;
  for (const line of linesOf(text)) {
    if (isBlank(text, line)) {
      if (open) yield { kind: 'paragraph', ...open };
      open = undefined;
    } else if (open) {
      open.end = line.end;
    } else {
      open = { start: line.start, end: line.end };
    }
  }
  if (open) yield { kind: 'paragraph', ...open };
}

/** Text whose lines belong together but are no prose, such as JSON: never cut inside a line that fits. */
export function* lineBlocks(text: string): Generator<Block> {
  if (text.length > 0) yield { kind: 'table', start: 0, end: text.length };
}

/** A header longer than this is a row of data. */
const MAX_HEADER = 4000;

/** A table whose first record names its columns; a quoted field may hold line breaks. */
export function* csvBlocks(text: string): Generator<Block> {
  if (text.length === 0) return;
  let quotes = 0;
  let end: number | undefined;
  for (const line of linesOf(text)) {
    if (line.end > MAX_HEADER) break;
    quotes += text.slice(line.start, line.end).split('"').length - 1;
    if (quotes % 2 === 0 && !isBlank(text, line)) {
      end = line.end;
      break;
    }
  }
  yield { kind: 'table', start: 0, end: text.length, ...(end ? { header: { start: 0, end } } : {}) };
}
