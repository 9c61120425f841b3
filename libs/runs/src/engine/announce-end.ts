import type { EventBus } from '@guildhall/sdk';
import type { RunStatus, StoredError } from '../run.js';

interface EndedRun {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
  readonly agentId: string;
}

/** Tells the process's event bus that a run is over. */
export function announceEnd(events: EventBus, run: EndedRun, status: RunStatus, error?: StoredError): void {
  const data = { runId: run.id, threadId: run.threadId, agentId: run.agentId };
  const origin = { source: 'runs', tenantId: run.tenantId };
  if (status === 'succeeded') events.emit('run.succeeded', data, origin);
  if (status === 'cancelled') events.emit('run.cancelled', data, origin);
  if (status === 'failed') events.emit('run.failed', { ...data, code: error?.code ?? 'internal_error' }, origin);
}
