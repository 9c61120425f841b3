import { linesOf } from '../../chunking/block.js';

/** What may begin something that is not shown, or code, where nothing is hidden. */
const MARK = /`+|<!--|data:/gi;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
const INDENTED = /^(?: {4}|\t)/;
const ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])\s/;
const BLANK = /^\s*$/;
/** How far a line's beginning, and what stands around a data URL, is looked at. */
const LOOK = 300;
const DATA_URL = /data:[\w.+-]{0,80}\/?[\w.+-]{0,80}(?:;[\w.+=-]{1,80}){0,5},[\w+/=%.~!*'@&?:#;$,-]*/iy;
/** Shorter ones that stand in no image or link are words about data URLs. */
const SHORT_DATA = 100;

/**
 * Markdown without what its readers never see: comments, and data URLs, of whose images the alternative text stays.
 * Code is left as it is. Takes one pass, with searches that never look at a character twice in vain.
 */
export function visibleMarkdown(source: string): string {
  return new Pass(source).run();
}

class Pass {
  private readonly kept: string[] = [];
  /** Up to here everything is kept or dropped. */
  private done = 0;
  private fence?: string;
  private code = false;
  private list = false;
  private afterBlank = true;
  private commentsEnd = true;

  constructor(private readonly source: string) {}

  run(): string {
    for (const { start, end } of linesOf(this.source)) {
      // The rest of a line that a comment reached into begins no code.
      if (this.done > start) this.line(Math.min(this.done, end), end);
      else if (!this.isCode(this.source.slice(start, Math.min(end, start + LOOK)))) this.line(start, end);
    }
    if (this.done === 0) return this.source;
    return this.kept.join('') + this.source.slice(this.done);
  }

  private isCode(head: string): boolean {
    const fence = FENCE.exec(head)?.[1];
    if (this.fence) {
      const mark = head.trim();
      if (mark.length >= this.fence.length && mark === this.fence[0]!.repeat(mark.length)) this.fence = undefined;
      return true;
    }
    if (fence) {
      this.fence = fence;
      return true;
    }
    const blank = BLANK.test(head);
    const indented = INDENTED.test(head);
    this.code = indented && !this.list && (this.code || this.afterBlank);
    if (!blank && !indented) this.list = ITEM.test(head);
    this.afterBlank = blank;
    return this.code;
  }

  private line(start: number, end: number): void {
    // The line alone: a search that runs on behind it would run on behind every line.
    const line = this.source.slice(start, end);
    const spans = new CodeSpans(line);
    MARK.lastIndex = 0;
    for (let mark = MARK.exec(line); mark; mark = MARK.exec(line)) {
      const at = start + mark.index;
      const next = mark[0].startsWith('`')
        ? start + spans.endOf(mark.index, mark[0].length)
        : mark[0] === '<!--'
          ? this.comment(at)
          : this.dataUrl(at, start);
      MARK.lastIndex = Math.max(next, at + mark[0].length) - start;
    }
  }

  /** Drops the comment; where it ends. One that never ends is text. */
  private comment(start: number): number {
    if (!this.commentsEnd) return start;
    const end = this.source.indexOf('-->', start + 2);
    this.commentsEnd = end >= 0;
    if (end >= 0) this.drop(start, end + 3);
    return end < 0 ? start : end + 3;
  }

  private dataUrl(start: number, lineStart: number): number {
    DATA_URL.lastIndex = start;
    const end = start + (DATA_URL.exec(this.source)?.[0].length ?? 0);
    if (end === start) return start;
    const place = this.around(start, end, Math.max(lineStart, this.done));
    if (!place && end - start < SHORT_DATA) return end;
    this.drop(place?.start ?? start, place?.end ?? end, place?.label);
    return this.done;
  }

  /** The image, link, tag or definition that a data URL stands in, and the words to show for it. */
  private around(start: number, end: number, from: number): { start: number; end: number; label?: string } | undefined {
    const begin = Math.max(from, start - LOOK);
    const before = this.source.slice(begin, start);
    const after = this.source.slice(end, end + LOOK);
    const link = /!?\[([^\][]*)\]\(\s{0,5}<?$/.exec(before);
    const closed = link && /^>?(?:\s{1,5}(?:"[^"\n]*"|'[^'\n]*'))?\s{0,5}\)/.exec(after);
    if (link && closed) return { start: begin + link.index, end: end + closed[0].length, label: link[1] };
    if (/^ {0,3}\[[^\][]+\]:\s{0,5}<?$/.test(before))
      return { start: begin, end: end + /^[^\n]*/.exec(after)![0].length };
    const tag = before.lastIndexOf('<');
    const tagEnd = after.indexOf('>');
    if (tag < 0 || tagEnd < 0 || before.includes('>', tag)) return undefined;
    const words = /\balt\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)')/i.exec(`${before.slice(tag)} ${after.slice(0, tagEnd)}`);
    return { start: begin + tag, end: end + tagEnd + 1, label: words?.[1] ?? words?.[2] };
  }

  private drop(start: number, end: number, instead = ''): void {
    this.kept.push(this.source.slice(this.done, start), instead);
    this.done = end;
  }
}

/** The code spans of a line: a run of backticks opens one if a run as long follows. */
class CodeSpans {
  private runs?: Map<number, { readonly places: number[]; next: number }>;

  constructor(private readonly line: string) {}

  /** Where the span that opens here ends, or the run itself where none does. */
  endOf(at: number, length: number): number {
    const run = (this.runs ??= this.find()).get(length);
    while (run && run.places[run.next]! <= at) run.next++;
    return (run?.places[run.next] ?? at) + length;
  }

  private find() {
    const runs = new Map<number, { places: number[]; next: number }>();
    for (const { index, 0: run } of this.line.matchAll(/`+/g)) {
      const known = runs.get(run.length);
      if (known) known.places.push(index);
      else runs.set(run.length, { places: [index], next: 0 });
    }
    return runs;
  }
}
