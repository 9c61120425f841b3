import type { RequestContext } from '@guildhall/sdk';
import { ListedRows } from '../database/listed-rows.js';
import type { Cursors, Page, PageQuery } from './pagination.js';

/** One page of a catalogue that is held in memory: by id, ascending, for there is no newest in a catalogue. */
export function pageOfCatalogue<T extends { id: string }>(
  cursors: Cursors,
  ctx: RequestContext,
  list: string,
  query: PageQuery,
  items: readonly T[],
): Page<T> {
  const { limit, before: after } = cursors.read(ctx, list, query);
  const sorted = items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter((item) => item.id > after);
  const rows = ListedRows.first(rest, { limit });
  return cursors.page(ctx, list, query, rows, {}, query.total ? items.length : undefined);
}
