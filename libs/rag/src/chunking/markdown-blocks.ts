import { type Block, type Line, isBlank, linesOf } from './block.js';

/** Patterns look at the first characters of a line only, so that a megabyte without a line break costs nothing. */
const LOOK = 300;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
const ATX = /^ {0,3}(#{1,6})(?:[ \t]|$)/;
const SETEXT = /^ {0,3}(=+|-+)[ \t]*$/;
/** An item of a list, or a quotation: a line that begins something of its own and cannot be underlined. */
const ITEM = /^\s*(?:(?:[-*+]|\d{1,9}[.)])(?:\s|$)|>)/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const INDENTED = /^(?: {4}|\t)/;

/**
 * The block structure of markdown: headings, paragraphs and list items, code, tables.
 *
 * A line scanner of its own and not remark, because only the outline is needed here and remark is quadratic on hostile
 * input: 60 kB of `>` hold the event loop for 15 s. This is linear for every input, and the specs hold it against remark.
 */
export function* markdownBlocks(text: string): Generator<Block> {
  const scanner = new Scanner(text);
  for (const line of linesOf(text)) yield* scanner.take(line);
  yield* scanner.close();
}

interface Open {
  kind: 'paragraph' | 'code' | 'table';
  start: number;
  end: number;
  /** Where the last line of a paragraph begins: a table's header row, if a delimiter row follows. */
  lastLine: number;
  /** Where the line before it ends. */
  beforeLast: number;
  fence?: string;
  item?: boolean;
  /** Of a table: its header row. */
  header?: { start: number; end: number };
}

class Scanner {
  private open?: Open;
  private afterItem = false;

  constructor(private readonly text: string) {}

  *take(line: Line): Generator<Block> {
    const head = this.text.slice(line.start, Math.min(line.end, line.start + LOOK));
    if (this.open?.fence) return yield* this.insideFence(line, head);
    if (isBlank(this.text, line)) return yield* this.close();
    if (line.start === 0 && head.trimEnd() === '---' && /\n---[ \t]*(\r?\n|$)/.test(this.text.slice(3, 20_000))) {
      this.open = { kind: 'code', start: 0, end: line.end, lastLine: 0, beforeLast: 0, fence: '---' };
      return;
    }
    const fence = FENCE.exec(head)?.[1];
    if (fence) {
      yield* this.close();
      this.open = {
        kind: 'code',
        start: line.start,
        end: line.end,
        lastLine: line.start,
        beforeLast: line.start,
        fence,
      };
      return;
    }
    const atx = ATX.exec(head)?.[1];
    if (atx) {
      yield* this.close();
      yield heading(line.start, line.end, atx.length, head.trim().replace(/^#+/, ''));
      return;
    }
    yield* this.continueOrBegin(line, head);
  }

  *close(): Generator<Block> {
    if (!this.open) return;
    const { kind, start, end, item, header } = this.open;
    this.open = undefined;
    this.afterItem = item ?? (this.afterItem && /^\s/.test(this.text[start]!));
    yield header ? { kind, start, end, header } : { kind, start, end };
  }

  private *continueOrBegin(line: Line, head: string): Generator<Block> {
    const open = this.open;
    if (open?.kind === 'paragraph') {
      const setext = !open.item && SETEXT.exec(head)?.[1];
      if (setext) {
        this.open = undefined;
        const title = this.text.slice(open.start, Math.min(open.end, open.start + LOOK));
        yield heading(open.start, line.end, setext[0] === '=' ? 1 : 2, title);
        return;
      }
      if (isDelimiterRow(head) && this.text.slice(open.lastLine, open.lastLine + LOOK).includes('|')) {
        if (open.lastLine > open.start) yield { kind: 'paragraph', start: open.start, end: open.beforeLast };
        this.open = {
          kind: 'table',
          start: open.lastLine,
          end: line.end,
          lastLine: line.start,
          beforeLast: line.start,
          header: { start: open.lastLine, end: open.end },
        };
        return;
      }
    }
    if (RULE.test(head)) {
      yield* this.close();
      yield { kind: 'paragraph', start: line.start, end: line.end };
      return;
    }
    const item = ITEM.test(head);
    const startsNew = !open || (open.kind === 'paragraph' && item) || (open.kind === 'code' && !INDENTED.test(head));
    if (startsNew) {
      yield* this.close();
      const kind = INDENTED.test(head) && !item && !this.afterItem && !open ? 'code' : 'paragraph';
      this.open = { kind, start: line.start, end: line.end, lastLine: line.start, beforeLast: line.start, item };
    } else {
      open.beforeLast = open.end;
      open.end = line.end;
      open.lastLine = line.start;
    }
  }

  private *insideFence(line: Line, head: string): Generator<Block> {
    const { fence } = this.open!;
    this.open!.end = line.end;
    const mark = head.trim();
    const closes = mark.length >= fence!.length && mark === fence![0]!.repeat(mark.length);
    if (closes && (fence !== '---' || mark === '---')) yield* this.close();
  }
}

function heading(start: number, end: number, level: number, raw: string): Block {
  const title = raw
    .trim()
    .replace(/(^|[ \t])#+$/, '')
    .replace(/!?\[([^\][]*)\]\([^()]*\)/g, '$1')
    .replace(/[*_`]+/g, (marks, at: number, all: string) => (/\w/.test(all[at - 1] ?? ' ') && marks === '_' ? '_' : ''))
    .replace(/\s+/g, ' ')
    .trim();
  return { kind: 'heading', start, end, level, title };
}

function isDelimiterRow(head: string): boolean {
  const row = head.trim();
  if (!row.includes('|') || !row.includes('-')) return false;
  const cells = row.replace(/^\|/, '').replace(/\|$/, '').split('|');
  return cells.every((cell) => /^:?-+:?$/.test(cell.trim()));
}
