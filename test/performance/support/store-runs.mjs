const BATCH = 50_000;

/** Which columns tell the copies of a row apart; `$n` stands for the number of the copy. */
const COPIES = {
  threads: { from: 'id = (SELECT thread_id FROM sample)', ids: { id: 'thr' } },
  messages: { from: 'thread_id = (SELECT thread_id FROM sample)', ids: { id: 'msg', thread_id: 'thr', run_id: 'run' } },
  runs: { from: 'id = (SELECT id FROM sample)', ids: { id: 'run', thread_id: 'thr' } },
  run_steps: { from: 'run_id = (SELECT id FROM sample)', ids: { id: 'stp', run_id: 'run' } },
  run_events: { from: 'run_id = (SELECT id FROM sample)', ids: { run_id: 'run' } },
};

/** Fills the database with copies of one ended run of this agent, and of everything that a run leaves behind. */
export async function storeRuns(database, agentId, count) {
  await database.query(
    `CREATE TEMP TABLE sample AS SELECT id, thread_id FROM runs WHERE agent_id = $1 AND status = 'succeeded' LIMIT 1`,
    [agentId],
  );
  for (let first = 0; first < count; first += BATCH) {
    const last = Math.min(first + BATCH, count) - 1;
    for (const [table, { from, ids }] of Object.entries(COPIES)) {
      const changes = Object.entries(ids).map(([column, prefix]) => `'${column}', ${idOf(prefix, table, column)}`);
      await database.query(
        `INSERT INTO ${table} SELECT (jsonb_populate_record(row, jsonb_build_object(${changes.join(', ')}))).*
         FROM ${table} AS row CROSS JOIN generate_series($1::int, $2::int) AS n WHERE ${from}`,
        [first, last],
      );
    }
  }
  await database.query('VACUUM ANALYZE');
}

/** Older than any real id, so that the copies lie where ended runs lie; a message needs one for its place as well. */
function idOf(prefix, table, column) {
  const own =
    table === 'messages' && column === 'id' ? `row.place || lpad(n::text, 25, '0')` : `lpad(n::text, 26, '0')`;
  return `'${prefix}_' || ${own}`;
}
