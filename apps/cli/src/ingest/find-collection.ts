import { nearestName } from '@guildhall/core';
import { AppError } from '@guildhall/sdk';
import type { Server } from '../server/server.js';

export interface Collection {
  readonly id: string;
  readonly name: string;
}

/** The collection of that id or name; with `create` a new one where no other has the name. */
export async function findCollection(server: Server, wanted: string, create: boolean): Promise<Collection> {
  if (/^col_[0-9a-z]{26}$/.test(wanted)) return (await server.call<Collection>(`/collections/${wanted}`)).data;
  const all = await server.all<Collection>('/collections');
  const [collection, ...others] = all.filter(({ name }) => name === wanted);
  if (others.length > 0) {
    const ids = [collection!, ...others].map(({ id }) => id).join(', ');
    throw new AppError('conflict', 'ambiguous_name', `Several collections are called '${wanted}'; say which: ${ids}`);
  }
  if (collection) return collection;
  if (create) return (await server.call<Collection>('/collections', { method: 'POST', body: { name: wanted } })).data;
  const meant = nearestName(
    wanted,
    all.map(({ name }) => name),
  );
  const hint = meant === undefined ? '' : `, did you mean '${meant}'?`;
  throw new AppError(
    'not_found',
    'collection_not_found',
    `No collection is called '${wanted}'${hint}; --create makes it`,
  );
}
