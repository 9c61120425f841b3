import type { DefaultTreeAdapterTypes as Tree } from 'parse5';
import { attribute, headingLevel, isElement, isInline, isText, shownChildren } from './html-elements.js';
import { type Cell, tableRows } from './table-rows.js';

export interface HtmlTable {
  readonly caption: string;
  /** A line for each row, its cells apart by ` | `. */
  readonly rows: readonly string[];
  readonly hasHeader: boolean;
}

interface Row {
  readonly element: Tree.Element;
  readonly cells: readonly Tree.Element[];
  readonly inHead: boolean;
}

/** What stands between the blocks of a cell. */
const BETWEEN_BLOCKS = ' / ';
/** Several paragraphs with more characters than this are a page, and the table only lays it out. */
const PROSE = 300;

/** The rows of a table that holds data; undefined for one that only lays out a page, whose content speaks for itself. */
export function readTable(table: Tree.Element): HtmlTable | undefined {
  const { rows, caption } = partsOf(table);
  if (laysOut(table, rows, caption)) return undefined;
  const first = rows[0];
  const isHeader = first && (first.inHead || first.cells.every(({ tagName }) => tagName === 'th'));
  const cells = rows.map((row) => row.cells.map(toCell));
  return { caption: caption ? textOf(caption) : '', rows: tableRows(cells), hasHeader: isHeader ?? false };
}

function partsOf(table: Tree.Element): { rows: readonly Row[]; caption?: Tree.Element } {
  const rows: Row[] = [];
  let caption: Tree.Element | undefined;
  const collect = (parent: Tree.Element, inHead: boolean): void => {
    for (const node of shownChildren(parent)) {
      if (!isElement(node)) continue;
      if (node.tagName === 'caption') caption ??= node;
      else if (node.tagName === 'tr') rows.push({ element: node, cells: cellsOf(node), inHead });
      else if (/^t(?:head|body|foot)$/.test(node.tagName)) collect(node, node.tagName === 'thead');
    }
  };
  collect(table, false);
  return { rows, caption };
}

const cellsOf = (row: Tree.Element): Tree.Element[] =>
  shownChildren(row).filter((node) => isElement(node) && /^t[hd]$/.test(node.tagName)) as Tree.Element[];

function laysOut(table: Tree.Element, rows: readonly Row[], caption: Tree.Element | undefined): boolean {
  if (/^(?:presentation|none)$/i.test(attribute(table, 'role') ?? '')) return true;
  if (caption || rows.some(({ cells, inHead }) => inHead || cells.some(({ tagName }) => tagName === 'th')))
    return false;
  return rows.every(({ cells }) => cells.length < 2) || rows.some(({ cells }) => cells.some(holdsPage));
}

/** Headings, another table, code or several paragraphs of prose. */
function holdsPage(cell: Tree.Element): boolean {
  let paragraphs = 0;
  let characters = 0;
  const looksLikePage = (node: Tree.Node): boolean => {
    if (isText(node)) characters += node.value.length;
    if (isElement(node)) {
      if (node.tagName === 'table' || node.tagName === 'pre' || headingLevel(node)) return true;
      if (node.tagName === 'p') paragraphs++;
    }
    return shownChildren(node).some(looksLikePage);
  };
  return looksLikePage(cell) || (paragraphs > 1 && characters > PROSE);
}

function toCell(element: Tree.Element): Cell {
  return { text: textOf(element), columns: span(element, 'colspan'), rows: span(element, 'rowspan') };
}

/** 1 to 1000, as browsers read it; 0, "all that follow", is taken for 1. */
function span(element: Tree.Element, name: string): number {
  const value = Number.parseInt(attribute(element, name) ?? '', 10);
  return value > 0 ? Math.min(value, 1000) : 1;
}

/** All text in an element as one line, its blocks apart. */
function textOf(element: Tree.Element): string {
  const blocks: string[] = [];
  let open: string[] = [];
  const flush = (): void => {
    const text = open.join('').replace(/\s+/g, ' ').trim();
    if (text !== '') blocks.push(text);
    open = [];
  };
  const collect = (node: Tree.Node): void => {
    if (isText(node)) open.push(node.value);
    if (!isElement(node)) return;
    if (node.tagName === 'br') return void open.push(' ');
    if (!isInline(node)) flush();
    shownChildren(node).forEach(collect);
    if (!isInline(node)) flush();
  };
  collect(element);
  flush();
  return blocks.join(BETWEEN_BLOCKS);
}
