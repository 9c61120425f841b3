import { ConflictError } from '@guildhall/sdk';
import type { AgentRecord } from './agent-record.js';

export function refuseArchived({ id, archivedAt }: Pick<AgentRecord, 'id' | 'archivedAt'>): void {
  if (archivedAt) throw new ConflictError('agent_archived', `The agent '${id}' is archived: make a new one`);
}

/** `revision` is what `If-Match` named; undefined: any will do. */
export function refuseStale(agent: Pick<AgentRecord, 'id' | 'revision'>, revision: string | undefined): void {
  if (revision === undefined || revision === String(agent.revision)) return;
  throw new ConflictError(
    'precondition_failed',
    `The agent '${agent.id}' changed since revision '${revision}': read it again, then repeat with its ETag`,
  );
}
