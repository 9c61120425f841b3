import type { DefaultTreeAdapterTypes as Tree } from 'parse5';
import type { Block } from '../../chunking/block.js';

const SKIPPED = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math', 'iframe', 'object', 'head']);
const INLINE = new Set(
  'a abbr b bdi bdo cite code data del dfn em font i img input ins kbd label mark q s samp small span strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

export interface ExtractedText {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** What a reader of the page sees, as plain text with blank lines between its blocks, and those blocks. */
export function extractText(document: Tree.Document): ExtractedText {
  const writer = new BlockWriter();
  // A stack of its own: the depth of a page is its author's choice.
  const stack: (Tree.Node | { leave: Tree.Element })[] = [document];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if ('leave' in node) {
      writer.leave(node.leave.tagName);
    } else if (node.nodeName === '#text') {
      writer.write((node as Tree.TextNode).value);
    } else if ('childNodes' in node && !SKIPPED.has(node.nodeName)) {
      if ('tagName' in node) {
        writer.enter(node.tagName);
        stack.push({ leave: node });
      }
      for (let i = node.childNodes.length - 1; i >= 0; i--) stack.push(node.childNodes[i]!);
    }
  }
  return writer.finish();
}

class BlockWriter {
  private readonly parts: string[] = [];
  private readonly blocks: Block[] = [];
  private length = 0;
  private open = '';
  private kind: Block['kind'] = 'paragraph';
  private level?: number;
  private preformatted = 0;
  private tables = 0;

  enter(tag: string): void {
    if (tag === 'br') this.open += '\n';
    if (tag === 'td' || tag === 'th')
      this.open = this.open === '' || this.open.endsWith('\n') ? this.open : `${this.open.trimEnd()} | `;
    if (tag === 'tr' && this.open !== '') this.open = `${this.open.trimEnd()}\n`;
    if (!this.breaks(tag)) return;
    this.flush();
    if (tag === 'pre') this.preformatted++;
    if (tag === 'table') this.tables++;
    this.level = /^h[1-6]$/.test(tag) ? Number(tag[1]) : undefined;
    this.kind = this.level ? 'heading' : this.preformatted > 0 ? 'code' : this.tables > 0 ? 'table' : 'paragraph';
  }

  leave(tag: string): void {
    if (!this.breaks(tag)) return;
    this.flush();
    if (tag === 'pre') this.preformatted--;
    if (tag === 'table') this.tables--;
    this.level = undefined;
    this.kind = this.preformatted > 0 ? 'code' : this.tables > 0 ? 'table' : 'paragraph';
  }

  write(text: string): void {
    if (this.preformatted > 0) {
      this.open += text;
      return;
    }
    const words = text.replace(/[ \t\r\n\f]+/g, ' ');
    this.open += /(^|\s)$/.test(this.open) ? words.trimStart() : words;
  }

  finish(): ExtractedText {
    this.flush();
    return { text: this.parts.join(''), blocks: this.blocks };
  }

  /** Inside a table only the table itself is a block: its rows stay together. */
  private breaks(tag: string): boolean {
    return !INLINE.has(tag) && tag !== 'br' && (this.tables === 0 || tag === 'table');
  }

  private flush(): void {
    const text = this.kind === 'code' ? this.open.replace(/^\n+|\s+$/g, '') : this.open.trim();
    this.open = '';
    if (text === '') return;
    const separator = this.length === 0 ? '' : '\n\n';
    const start = this.length + separator.length;
    this.parts.push(separator, text);
    this.length = start + text.length;
    const heading = this.level && { level: this.level, title: text.replace(/\s+/g, ' ').slice(0, 300) };
    this.blocks.push({ kind: this.kind, start, end: this.length, ...heading });
  }
}
