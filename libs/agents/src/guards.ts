import { type Revisions, isStale } from '@guildhall/core';
import { ConflictError } from '@guildhall/sdk';
import type { AgentRecord } from './agent-record.js';

export function refuseArchived({ id, archivedAt }: Pick<AgentRecord, 'id' | 'archivedAt'>): void {
  if (archivedAt) throw new ConflictError('agent_archived', `The agent '${id}' is archived: make a new one`);
}

export function refuseStale({ id, revision }: Pick<AgentRecord, 'id' | 'revision'>, named: Revisions): void {
  if (!isStale(String(revision), named)) return;
  const message = `The agent '${id}' is at another revision than If-Match names: read it again, then repeat with its ETag`;
  throw new ConflictError('precondition_failed', message);
}
