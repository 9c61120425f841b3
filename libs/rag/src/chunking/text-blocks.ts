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

/** Text whose lines belong together but are no prose, such as JSON and CSV: never cut inside a line that fits. */
export function* lineBlocks(text: string): Generator<Block> {
  if (text.length > 0) yield { kind: 'table', start: 0, end: text.length };
}
