/** What the items of one page may take as JSON; the first is there whatever it takes. @internal for specs */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** What an answer adds to a row: links, and names that are longer than the columns'. */
const ADDED_BYTES = 512;

/** A transaction's manager, or the pool. */
interface Reader {
  query(text: string, values: unknown[]): Promise<unknown>;
}

interface Bounds {
  readonly limit: number;
  /** Default: `MAX_PAGE_BYTES`. */
  readonly maxBytes?: number;
}

interface Placed {
  readonly page_place: string;
  readonly page_found: number;
}

/**
 * A part of a list that is bounded in rows and in bytes. Pages are made of nothing else, so no list reads more than a
 * page may hold.
 */
export class ListedRows<T> {
  private constructor(
    readonly items: readonly T[],
    readonly hasMore: boolean,
  ) {}

  /**
   * Reads what `select`, a statement that ends with its order, lists first. The database ends it where the rows become
   * too many bytes: it measures them one by one as the JSON that they will be, and none behind that.
   */
  static async read<T>(
    reader: Reader,
    select: string,
    values: readonly unknown[],
    bounds: Bounds,
  ): Promise<ListedRows<T>> {
    const { limit, maxBytes = MAX_PAGE_BYTES } = bounds;
    const answer = await reader.query(bounded(select, values.length), [...values, limit, maxBytes]);
    const rows = (Array.isArray(answer) ? answer : (answer as { rows: unknown }).rows) as (T & Placed)[];
    const found = rows[0]?.page_found ?? 0;
    return new ListedRows<T>(rows.map(withoutPlace<T>), found > rows.length);
  }

  /** Of a list that is in memory, the items that fit in one page. */
  static first<T>(all: readonly T[], { limit, maxBytes = MAX_PAGE_BYTES }: Bounds): ListedRows<T> {
    let bytes = 0;
    let count = 0;
    for (const item of all.slice(0, limit)) {
      bytes += Buffer.byteLength(JSON.stringify(item));
      if (bytes > maxBytes && count > 0) break;
      count++;
    }
    return new ListedRows(all.slice(0, count), count < all.length);
  }

  /** What was read before, as a cache gives it back. */
  static kept<T>({ items, hasMore }: Pick<ListedRows<T>, 'items' | 'hasMore'>): ListedRows<T> {
    return new ListedRows(items, hasMore);
  }

  map<U>(convert: (item: T) => U): ListedRows<U> {
    return new ListedRows(this.items.map(convert), this.hasMore);
  }
}

function withoutPlace<T>(row: T & Placed): T {
  const { page_place: _place, page_found: _found, ...own } = row;
  return own as T;
}

/** Walks the rows and not their sum in a window, which would unpack them all before it could stop. */
function bounded(select: string, given: number): string {
  const [limit, maxBytes] = [`$${given + 1}::int`, `$${given + 2}::int`];
  const bytes = `octet_length(row_to_json(r)::text) + ${ADDED_BYTES}`;
  return `WITH RECURSIVE page_rows AS (
    SELECT row_number() OVER () AS page_place, r.* FROM (${select} LIMIT ${limit} + 1) r
  ), measured (page_place, bytes) AS (
    SELECT page_place, ${bytes} FROM page_rows r WHERE page_place = 1
    UNION ALL
    SELECT r.page_place, m.bytes + ${bytes} FROM measured m JOIN page_rows r ON r.page_place = m.page_place + 1
    WHERE m.bytes < ${maxBytes} AND m.page_place < ${limit}
  ) SELECT r.*, (SELECT count(*)::int FROM page_rows) AS page_found
  FROM measured m JOIN page_rows r USING (page_place) WHERE page_place = 1 OR m.bytes <= ${maxBytes} ORDER BY page_place`;
}
