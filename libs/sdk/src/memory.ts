import type { RequestContext } from './request-context.js';

export type MessageRole = 'system' | 'user' | 'assistant' | 'tool';

/** A message of a thread, as stored: the truth that every memory is derived from. */
export interface ThreadMessage {
  readonly id: string;
  readonly role: MessageRole;
  readonly text: string;
  readonly parts?: readonly unknown[];
  readonly runId?: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

export interface MemoryOptions {
  /** How many of the thread's last messages a run sees. */
  readonly window?: number;
  /** How many long-term facts are recalled. */
  readonly recall?: number;
}

/** Implemented by the memory lib: decides what of a thread a model sees. Oldest first. */
export interface ConversationMemory {
  select(ctx: RequestContext, messages: readonly ThreadMessage[], options: MemoryOptions): readonly ThreadMessage[];
}

export const CONVERSATION_MEMORY = Symbol.for('guildhall.conversation-memory');
