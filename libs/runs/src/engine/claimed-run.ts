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
  /**
   * When it began, by the database's clock, as soon as that is committed: nothing is written before, and nothing done
   * that acts on the world. Rejects where nothing came of it.
   */
  readonly begun: Promise<Date>;
  /** Its place in the thread: it sees what was said before. Null: its thread was made with it. */
  readonly turn: string | null;
  readonly input: RunInput;
  readonly context: RunUserContext;
  readonly origin: RunOrigin;
  readonly streamed: boolean;
  readonly attempts: number;
  readonly activeMs: number;
  readonly usage: TokenUsage;
  readonly answers: number;
  readonly lastSeq: number;
  readonly metadata: Record<string, unknown>;
  /** Made a moment ago by this process: nothing is recorded of it yet. */
  readonly fresh: boolean;
  /** Whoever waits for it waits in this process, so no other needs to be told of its events. */
  readonly quiet: boolean;
  /** Every process that worked on it lately has died. */
  readonly suspect: boolean;
}
