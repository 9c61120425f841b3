/** A cell, and how many columns and rows it spans. */
export interface Cell {
  readonly text: string;
  readonly columns: number;
  readonly rows: number;
}

/** What spans may repeat in one table: a few numbers in its source must not fill any memory. */
const MAX_REPEATED = 50_000;

interface Spanning {
  readonly text: string;
  left: number;
}

/**
 * A line for each row, its columns apart by ` | `. A cell that spans several columns or rows stands in each of them, so
 * that every row says all of it by itself; one that fills a row alone, as titles do, stands there once.
 */
export function tableRows(rows: readonly (readonly Cell[])[]): string[] {
  const lines: string[] = [];
  const down = new Map<number, Spanning>();
  let repeatable = MAX_REPEATED;
  for (const cells of rows) {
    const columns: string[] = [];
    const isTitle = cells.length === 1 && down.size === 0;
    const fill = (): void => {
      for (let above = down.get(columns.length); above; above = down.get(columns.length)) {
        if (--above.left === 0) down.delete(columns.length);
        repeatable -= above.text.length + 1;
        columns.push(repeatable > 0 ? above.text : '');
      }
    };
    for (const cell of cells) {
      fill();
      for (let i = 0; i < cell.columns && (i === 0 || (!isTitle && repeatable > 0)); i++) {
        if (i > 0) repeatable -= cell.text.length + 1;
        if (cell.rows > 1 && repeatable > 0) down.set(columns.length, { text: cell.text, left: cell.rows - 1 });
        columns.push(cell.text);
      }
    }
    fill();
    if (repeatable <= 0) down.clear();
    if (columns.some((text) => text !== '')) lines.push(columns.join(' | ').replace(/ {2,}/g, ' ').trim());
  }
  return lines;
}
