import { AppError } from '@guildhall/sdk';
import { type Named, findNamed, noneCalled } from '../server/find-named.js';
import type { Server } from '../server/server.js';

/** The agent of that id or name; without either the only one there is. */
export async function findAgent(server: Server, wanted: string | undefined): Promise<Named> {
  if (wanted !== undefined && /^agt_[0-9a-z]{26}$/.test(wanted)) {
    return (await server.call<Named>(`/agents/${wanted}`)).data;
  }
  const all = await server.all<Named>('/agents');
  if (wanted !== undefined) {
    const agent = findNamed(all, wanted);
    if (agent === undefined) throw noneCalled('agent', wanted, all);
    return agent;
  }
  if (all.length === 1) return all[0]!;
  const names = all.map(({ name }) => name).join(', ');
  const message = all.length === 0 ? 'There is no agent yet: README.md shows how to make one' : `Say which: ${names}`;
  throw new AppError('validation', 'no_agent', message);
}
