import type { Actor, Answer, ErrorCategory, ErrorDetail, RunInput, TokenUsage } from '@guildhall/sdk';

export const RUN_STATUSES = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'needs_attention',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

const TERMINAL_STATUSES = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly RunStatus[];
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

export const isTerminal = (status: RunStatus): status is TerminalStatus =>
  (TERMINAL_STATUSES as readonly RunStatus[]).includes(status);

/** What a failure leaves on a run or step: its words and never a stack. */
export interface StoredError {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly retryable: boolean;
  readonly provider?: string;
  readonly details?: readonly ErrorDetail[];
}

/** Of a run that somebody wanted to end. */
export const CANCELLED: StoredError = {
  code: 'cancelled',
  category: 'cancelled',
  message: 'The run was cancelled',
  retryable: false,
};

/** What the caller says of the end user. */
export interface RunUserContext {
  readonly userId?: string;
  readonly groups?: readonly string[];
  readonly timeZone?: string;
  readonly locale?: string;
}

/** Who started a run and under which ids, so that any process can go on in their name. */
export interface RunOrigin {
  readonly actor: Actor;
  readonly requestId: string;
  readonly traceparent?: string;
}

export interface Run {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
  readonly agentId: string;
  readonly agentVersion: number;
  readonly status: RunStatus;
  readonly input: RunInput;
  readonly output: Answer | null;
  readonly error: StoredError | null;
  readonly usage: TokenUsage;
  readonly attempts: number;
  readonly metadata: Record<string, unknown>;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}
