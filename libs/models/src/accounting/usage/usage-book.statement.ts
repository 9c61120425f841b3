import { addedUp } from '@guildhall/core';

/** What was used of one model on one day, for one agent and one end user: a row of the statement's input. */
export interface UsageEntry {
  readonly tenant_id: string;
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly provider: string;
  readonly model: string;
  /** Empty where the call was for none. */
  readonly agent_id: string;
  readonly user_id: string;
  calls: number;
  failed_calls: number;
  unreported_calls: number;
  input_tokens: number;
  cached_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  cost_micro_usd: number;
}

const COUNTS = [
  'calls',
  'failed_calls',
  'unreported_calls',
  'input_tokens',
  'cached_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_micro_usd',
] as const satisfies readonly (keyof UsageEntry)[];

/**
 * Adds any number of entries to the book, or nothing where the writer `$2` has done so already under this number `$3`:
 * a write whose answer was lost can be repeated. `$1` is a JSON array of `UsageEntry`, each key once. Rows are locked in
 * one order, whoever writes.
 */
export const ADD_USAGE = `
WITH fresh AS (
  INSERT INTO accounting_writers AS w (id, seq) VALUES ($2, $3)
  ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, written_at = now() WHERE w.seq < excluded.seq
  RETURNING id
)
INSERT INTO model_usage AS u (tenant_id, day, provider, model, agent_id, user_id, calls, failed_calls, unreported_calls,
  input_tokens, cached_tokens, output_tokens, reasoning_tokens, cost_micro_usd)
SELECT i.* FROM json_to_recordset($1::json) AS i(tenant_id text, day date, provider text, model text, agent_id text,
  user_id text, calls bigint, failed_calls bigint, unreported_calls bigint, input_tokens bigint, cached_tokens bigint,
  output_tokens bigint, reasoning_tokens bigint, cost_micro_usd bigint)
WHERE EXISTS (SELECT FROM fresh)
ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (tenant_id, day, provider, model, agent_id, user_id) DO UPDATE SET
  ${COUNTS.map((column) => `${column} = ${addedUp(`u.${column}`, `excluded.${column}`)}`).join(', ')}`;
