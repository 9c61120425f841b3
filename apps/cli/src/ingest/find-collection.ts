import { type Named, findNamed, noneCalled } from '../server/find-named.js';
import type { Server } from '../server/server.js';

/** The collection of that id or name; with `create` a new one where no other has the name. */
export async function findCollection(server: Server, wanted: string, create: boolean): Promise<Named> {
  if (/^col_[0-9a-z]{26}$/.test(wanted)) return (await server.call<Named>(`/collections/${wanted}`)).data;
  const all = await server.all<Named>('/collections');
  const collection = findNamed(all, wanted);
  if (collection) return collection;
  if (create) return (await server.call<Named>('/collections', { method: 'POST', body: { name: wanted } })).data;
  throw noneCalled('collection', wanted, all, ' --create makes a new one');
}
