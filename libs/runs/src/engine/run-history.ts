import { Injectable } from '@nestjs/common';
import { Database } from '@guildhall/core';
import type { ThreadMessage } from '@guildhall/sdk';
import type { ClaimedRun } from './claimed-run.js';
import type { RecordedStep } from './replay.js';
import { type InterruptedStep, type RecordedInterrupt, RunRecord } from './run-record.js';

type RunKey = Pick<ClaimedRun, 'id' | 'tenantId'>;

/** More than any window; a longer thread is not read to its beginning. */
const MESSAGES = 500;
const MESSAGE_BYTES = 8 * 1024 * 1024;

const SELECT_STEPS = `
SELECT key, kind, name, status, attempt, input, output, error, usage, started_at AS "startedAt", finished_at AS "finishedAt"
FROM run_steps WHERE run_id = $1 AND tenant_id = $2`;

const SELECT_INTERRUPTS = `
SELECT key, kind, response, responded_at AS "respondedAt" FROM interrupts
WHERE run_id = $1 AND tenant_id = $2 AND status IN ('pending', 'answered')`;

/** Steps whose last word to readers was that they began. */
const SELECT_INTERRUPTED = `
SELECT * FROM (
  SELECT DISTINCT ON (payload ->> 'stepId') payload ->> 'stepId' AS "stepId", seq AS "startedSeq", type,
    (payload ->> 'attempt')::int AS attempt
  FROM run_events WHERE run_id = $1 AND tenant_id = $2 AND type LIKE 'step.%'
  ORDER BY payload ->> 'stepId', seq DESC
) last WHERE type IN ('step.started', 'step.retried')`;

// The run's own input is there whatever it takes.
const SELECT_MESSAGES = `
SELECT id, role, text, parts, run_id AS "runId", at FROM (
  SELECT id, turn, place, role, text, parts, run_id, at,
    sum(octet_length(text) + coalesce(octet_length(parts::text), 0)) OVER (ORDER BY turn DESC, place DESC) AS bytes
  FROM messages WHERE thread_id = $1 AND tenant_id = $2 AND (turn, place) <= ($3, 0)
  ORDER BY turn DESC, place DESC LIMIT ${MESSAGES}
) said WHERE bytes <= ${MESSAGE_BYTES} OR turn = $3
ORDER BY turn DESC, place DESC`;

/** Reads what a run needs to know of the past: its own record, and what its thread said before. */
@Injectable()
export class RunHistory {
  constructor(private readonly database: Database) {}

  async recordOf({ id, tenantId }: RunKey): Promise<RunRecord> {
    const [steps, interrupts, interrupted] = await Promise.all([
      this.select<RecordedStep>('run_record_steps', SELECT_STEPS, [id, tenantId]),
      this.select<RecordedInterrupt>('run_record_interrupts', SELECT_INTERRUPTS, [id, tenantId]),
      this.select<InterruptedStep>('run_record_interrupted', SELECT_INTERRUPTED, [id, tenantId]),
    ]);
    return new RunRecord(steps, interrupts, interrupted);
  }

  /** Oldest first, ending with the run's own input; what queued up behind it is not there yet. */
  async messagesBefore(run: ClaimedRun): Promise<readonly ThreadMessage[]> {
    if (run.turn === null) return [inputMessage(run)];
    const values = [run.threadId, run.tenantId, run.turn];
    const rows = await this.select<Omit<ThreadMessage, 'at'> & { at: Date }>('run_thread', SELECT_MESSAGES, values);
    const said = rows.toReversed().map(({ parts, runId, at, ...message }) => ({
      ...message,
      at: at.toISOString(),
      ...(parts ? { parts } : {}),
      ...(runId ? { runId } : {}),
    }));
    // A run that is being rolled back is forgotten by its thread first: it must not answer what was said before it.
    return said.at(-1)?.runId === run.id ? said : [...said, inputMessage(run)];
  }

  private async select<Row extends object>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    return (await this.database.pool.query<Row>({ name, text, values })).rows;
  }
}

/** As its thread keeps it. */
function inputMessage({ id, input }: ClaimedRun): ThreadMessage {
  const { text = '', parts } = input;
  return {
    id: `${id}:input`,
    role: 'user',
    text,
    at: new Date().toISOString(),
    runId: id,
    ...(parts ? { parts } : {}),
  };
}
