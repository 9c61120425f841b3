/** Every type of event a run can have (api.md §5). */
export const RUN_EVENT_TYPES = [
  'run.created',
  'run.started',
  'run.resumed',
  'run.waiting',
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'run.needs_attention',
  'step.started',
  'step.completed',
  'step.failed',
  'step.retried',
  'message.delta',
  'message.completed',
  'tool_call.requested',
  'tool_call.completed',
  'tool_call.failed',
  'retrieval.completed',
  'node.entered',
  'node.left',
  'slot.filled',
  'provider.selected',
  'provider.failed_over',
  'interrupt.requested',
  'interrupt.responded',
  'usage.updated',
] as const;
export type RunEventType = (typeof RUN_EVENT_TYPES)[number];

/** An event as consumers see it. */
export interface RunEvent {
  /** Gapless from 1 in each run. */
  readonly seq: number;
  readonly type: RunEventType;
  readonly runId: string;
  readonly threadId: string;
  readonly at: string;
  readonly payload: Record<string, unknown>;
}

const LAST: ReadonlySet<RunEventType> = new Set(['run.succeeded', 'run.failed', 'run.cancelled']);

/** Nothing follows these, unless the run is retried. */
export const isLastEvent = (type: RunEventType): boolean => LAST.has(type);
