import type { RunInput, TokenUsage } from '@guildhall/sdk';
import type { RunOrigin, RunUserContext } from '../run.js';

/** A run under a lease of this process, with what its execution needs to know. */
export interface ClaimedRun {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
  readonly agentId: string;
  readonly agentVersion: number;
  readonly epoch: number;
  /** When its lease was asked for, by the clock of `performance.now()`: it is not older than that. */
  readonly askedAt: number;
  /** Its place in the thread: it sees what was said before. */
  readonly turn: string;
  readonly input: RunInput;
  readonly context: RunUserContext;
  readonly origin: RunOrigin;
  readonly streamed: boolean;
  readonly attempts: number;
  readonly activeMs: number;
  readonly usage: TokenUsage;
  readonly answers: number;
  readonly lastSeq: number;
  readonly startedAt: Date;
  readonly createdAt: Date;
  readonly metadata: Record<string, unknown>;
  /** Made a moment ago by this process: nothing is recorded of it yet. */
  readonly fresh: boolean;
  /** Its thread was made with it, so nothing was said before. */
  readonly opensThread: boolean;
  /** Whoever waits for it waits in this process, so no other needs to be told of its events. */
  readonly quiet: boolean;
  /** Every process that worked on it lately has died. */
  readonly suspect: boolean;
}
