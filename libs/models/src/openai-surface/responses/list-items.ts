import { ListedRows } from '@guildhall/core';
import { type Fields, wrong } from '../faults.js';
import type { Item } from './input-items.js';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** One page of a response's input, newest first unless asked for otherwise. */
export function listItems(items: readonly Item[], query: Fields): object {
  const { limit = DEFAULT_LIMIT, order = 'desc', after } = query;
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > MAX_LIMIT) {
    throw wrong('limit', `limit must be a whole number from 1 to ${MAX_LIMIT}`);
  }
  if (order !== 'asc' && order !== 'desc') throw wrong('order', 'order must be asc or desc');
  const ordered = order === 'asc' ? items : items.toReversed();
  const start = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) throw wrong('after', 'after must be the id of an item of this response');
  const { items: data, hasMore } = ListedRows.first(ordered.slice(start), { limit: count });
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}
