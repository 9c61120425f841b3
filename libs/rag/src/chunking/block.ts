/** A stretch of a document's text that means something by itself. Blocks ascend and never overlap. */
export interface Block {
  readonly kind: 'heading' | 'paragraph' | 'code' | 'table';
  /** UTF-16 offsets into the document's text; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** Of a heading: 1 to 6, and its words without markup. */
  readonly level?: number;
  readonly title?: string;
  /** Of a table: its header row, which each chunk of it repeats. */
  readonly header?: { readonly start: number; readonly end: number };
}

/** One line of a text; `end` excludes the line break, `next` is where the following line begins. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

export function* linesOf(text: string): Generator<Line> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length : newline + 1;
    let end = newline < 0 ? text.length : newline;
    if (end > start && text[end - 1] === '\r') end--;
    yield { start, end, next };
    start = next;
  }
}

export const isBlank = (text: string, { start, end }: { start: number; end: number }): boolean => {
  for (let i = start; i < end; i++) if (!/\s/.test(text[i]!)) return false;
  return true;
};
