/** Makes windows that are not there yet. `$1` is a JSON array of `{ tenant_id, budget_id, window_start }`. */
export const MAKE_WINDOWS = `
INSERT INTO budget_windows (tenant_id, budget_id, window_start)
SELECT DISTINCT i.* FROM json_to_recordset($1::json) AS i(tenant_id text, budget_id text, window_start date)
ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING`;

/** Whether this write of the writer `$1` is new: one row, or none when it was done before under its number `$2`. */
export const CLAIM_WRITE = `
INSERT INTO accounting_writers AS w (id, seq) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, written_at = now() WHERE w.seq < excluded.seq
RETURNING id`;

/** In one order, whoever locks: two processes that share windows never wait for each other in a circle. */
export const LOCK_WINDOWS = `
SELECT w.tenant_id, w.budget_id, w.window_start::text, w.spent_micro_usd::float8 AS spent,
  w.reserved_micro_usd::float8 AS reserved
FROM budget_windows w JOIN json_to_recordset($1::json) AS i(tenant_id text, budget_id text, window_start date)
  ON w.tenant_id = i.tenant_id AND w.budget_id = i.budget_id AND w.window_start = i.window_start
ORDER BY w.tenant_id, w.budget_id, w.window_start FOR UPDATE OF w`;

export interface WindowRow {
  readonly tenant_id: string;
  readonly budget_id: string;
  readonly window_start: string;
  readonly spent: number;
  readonly reserved: number;
}

/** Of windows that this transaction has locked. `$1` is a JSON array of `WindowRow`. */
export const WRITE_WINDOWS = `
UPDATE budget_windows w SET spent_micro_usd = i.spent, reserved_micro_usd = i.reserved
FROM json_to_recordset($1::json) AS i(tenant_id text, budget_id text, window_start date, spent bigint, reserved bigint)
WHERE w.tenant_id = i.tenant_id AND w.budget_id = i.budget_id AND w.window_start = i.window_start`;
