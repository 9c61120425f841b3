import { type Answer, CancelledError, type Logger } from '@guildhall/sdk';
import { isDatabaseAway } from '../commit/database-errors.js';
import type { RunStatus } from '../run.js';
import type { AttemptState } from './attempt-state.js';
import { HandOverError, LeaseLostError, NondeterministicError, SuspendedError } from './control.js';
import { derivedId } from './derived-id.js';
import type { Ending } from './run-writer.js';
import { toStoredError } from './stored-error.js';

export type AttemptEnding = Omit<Ending, 'activeMs'>;

/** The run has its answer: says it, unless a model step has said the very same, and ends. */
export function succeed(state: AttemptState, output: Answer): AttemptEnding {
  const { writer, run, spoken } = state;
  const { text, citations } = output;
  let messageId = spoken.get(text);
  if (messageId === undefined) {
    messageId = derivedId('msg', run.id, 'answer');
    if (text !== '') writer.event('message.delta', { messageId, text });
    writer.event('message.completed', { messageId, text, citations });
  }
  writer.event('run.succeeded', { output });
  return { status: 'succeeded', output, message: { id: messageId, text } };
}

/** What becomes of a run whose execution ended with this; undefined: it is another engine's, nothing may be written. */
export function endWithout(state: AttemptState, reason: unknown, logger: Logger): AttemptEnding | undefined {
  if (reason instanceof LeaseLostError) return undefined;
  if (reason instanceof HandOverError) return { status: 'queued' };
  if (reason instanceof SuspendedError) {
    return end(state, reason.needsAttention ? 'needs_attention' : 'waiting');
  }
  if (reason instanceof NondeterministicError) return end(state, 'needs_attention', reason);
  if (reason instanceof CancelledError && state.signal.reason === reason) return end(state, 'cancelled', reason);
  if (isDatabaseAway(reason)) {
    logger.warn({ err: reason, runId: state.run.id }, 'Run handed back: the database was away');
    return { status: 'queued' };
  }
  const error = toStoredError(reason);
  if (error.code === 'internal_error') logger.error({ err: reason, runId: state.run.id }, 'Run failed unexpectedly');
  return end(state, 'failed', reason);
}

function end(
  state: AttemptState,
  status: Extract<RunStatus, 'waiting' | 'needs_attention' | 'failed' | 'cancelled'>,
  reason?: unknown,
): AttemptEnding {
  const error = reason === undefined ? undefined : toStoredError(reason);
  state.writer.event(`run.${status}`, error ? { error } : {});
  return error ? { status, error } : { status };
}
