import type { DefaultTreeAdapterTypes as Tree } from 'parse5';
import { headingLevel, isElement, isInline, isText, shownChildren } from './html-elements.js';
import { readTable } from './html-table.js';
import { type ExtractedText, TextWriter } from './text-writer.js';

/** What a reader of the page sees, as plain text with blank lines between its blocks, and those blocks. */
export function extractText(document: Tree.Document): ExtractedText {
  const writer = new TextWriter();
  // Recursion is safe: the tree has no depths that no page has.
  for (const node of shownChildren(document)) write(writer, node);
  return writer.finish();
}

function write(writer: TextWriter, node: Tree.Node): void {
  if (isText(node)) return writer.write(node.value);
  if (!isElement(node)) return;
  if (node.tagName === 'br') return writer.writeBreak();
  const table = node.tagName === 'table' ? readTable(node) : undefined;
  if (table) {
    writer.block('paragraph', () => writer.write(table.caption));
    writer.table(table.rows, table.hasHeader);
  } else if (isInline(node)) {
    writeAll(writer, node);
  } else {
    const level = headingLevel(node);
    writer.block(
      level ? 'heading' : node.tagName === 'pre' ? 'code' : 'paragraph',
      () => writeAll(writer, node),
      level,
    );
  }
}

function writeAll(writer: TextWriter, parent: Tree.Node): void {
  for (const node of shownChildren(parent)) write(writer, node);
}
