import type { Block } from '../../chunking/block.js';

export interface ExtractedText {
  readonly text: string;
  readonly blocks: readonly Block[];
}

type Kind = Block['kind'];

/** Puts blocks of text behind each other, with a blank line between them. Nothing written is ever read again. */
export class TextWriter {
  private readonly parts: string[] = [];
  private readonly blocks: Block[] = [];
  private length = 0;
  private open: string[] = [];
  private endsInSpace = true;
  private kind: Kind = 'paragraph';
  private level?: number;

  /** What `content` writes is a block of this kind, but for the blocks in it. Inside code everything is code. */
  block(kind: Kind, content: () => void, level?: number): void {
    this.flush();
    const outer = { kind: this.kind, level: this.level };
    if (this.kind !== 'code') Object.assign(this, { kind, level });
    content();
    this.flush();
    Object.assign(this, outer);
  }

  table(rows: readonly string[], hasHeader: boolean): void {
    this.flush();
    const text = rows.join('\n');
    const start = this.append(text);
    if (start === undefined) return;
    const header = hasHeader && rows.length > 1 ? { header: { start, end: start + rows[0]!.length } } : {};
    this.blocks.push({ kind: 'table', start, end: this.length, ...header });
  }

  write(text: string): void {
    const words = this.kind === 'code' ? text : text.replace(/[ \t\r\n\f]+/g, ' ');
    const piece = this.kind !== 'code' && this.endsInSpace && words.startsWith(' ') ? words.slice(1) : words;
    if (piece === '') return;
    this.open.push(piece);
    this.endsInSpace = /\s/.test(piece.at(-1)!);
  }

  writeBreak(): void {
    this.open.push('\n');
    this.endsInSpace = true;
  }

  finish(): ExtractedText {
    this.flush();
    return { text: this.parts.join(''), blocks: this.blocks };
  }

  private flush(): void {
    const written = this.open.join('');
    this.open = [];
    this.endsInSpace = true;
    const text = this.kind === 'code' ? written.replace(/^\n+/, '').trimEnd() : written.trim();
    const start = this.append(text);
    if (start === undefined) return;
    const heading = this.level && { level: this.level, title: text.slice(0, 300).replace(/\s+/g, ' ') };
    this.blocks.push({ kind: this.kind, start, end: this.length, ...heading });
  }

  /** Where the text stands now; undefined where there is none. */
  private append(text: string): number | undefined {
    if (text.trim() === '') return undefined;
    const separator = this.length === 0 ? '' : '\n\n';
    const start = this.length + separator.length;
    this.parts.push(separator, text);
    this.length = start + text.length;
    return start;
  }
}
