import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Threads, messages, runs and what a run leaves behind. Every row is written by a statement that holds the lock of its
 * run or thread, so foreign keys would only repeat, at a price per row, what that lock already guarantees.
 */
export class ThreadsAndRuns1763700100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createThreads(runner);
    await createRuns(runner);
    await createRecords(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

async function createThreads(runner: QueryRunner): Promise<void> {
  // active_run_id is the thread's lock: the one run that may write. backlog counts the runs that queue for it.
  await runner.query(`
    CREATE TABLE threads (
      id text PRIMARY KEY,
      tenant_id text NOT NULL,
      title text,
      user_id text,
      metadata jsonb NOT NULL DEFAULT '{}',
      active_run_id text,
      backlog integer NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    )`);
  await runner.query(`CREATE INDEX threads_newest ON threads (tenant_id, id DESC)`);
  await runner.query(`CREATE INDEX threads_to_promote ON threads (id) WHERE active_run_id IS NULL AND backlog > 0`);

  // A message's place is (turn, place): a run's answer stands after its question, though others may have queued between.
  await runner.query(`CREATE SEQUENCE thread_turns`);
  await runner.query(`
    CREATE TABLE messages (
      id text PRIMARY KEY,
      tenant_id text NOT NULL,
      thread_id text NOT NULL,
      turn bigint NOT NULL,
      place smallint NOT NULL,
      run_id text,
      role text NOT NULL CHECK (role IN ('system', 'user', 'assistant', 'tool')),
      text text NOT NULL,
      parts jsonb,
      at timestamptz NOT NULL DEFAULT now()
    )`);
  await runner.query(`CREATE INDEX messages_of_thread ON messages (thread_id, turn, place)`);
}

async function createRuns(runner: QueryRunner): Promise<void> {
  // revision counts the engine's writes under one epoch, so that repeating a write of unknown outcome is harmless.
  await runner.query(`
    CREATE TABLE runs (
      id text PRIMARY KEY,
      tenant_id text NOT NULL,
      thread_id text NOT NULL,
      agent_id text NOT NULL,
      agent_version integer NOT NULL,
      status text NOT NULL CHECK (status IN
        ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'needs_attention')),
      ready boolean NOT NULL,
      turn bigint NOT NULL,
      input jsonb NOT NULL,
      context jsonb NOT NULL DEFAULT '{}',
      metadata jsonb NOT NULL DEFAULT '{}',
      origin jsonb NOT NULL,
      request_key text,
      streamed boolean NOT NULL,
      output jsonb,
      error jsonb,
      input_tokens bigint NOT NULL DEFAULT 0,
      output_tokens bigint NOT NULL DEFAULT 0,
      cached_tokens bigint NOT NULL DEFAULT 0,
      cost_micro_usd bigint NOT NULL DEFAULT 0,
      active_ms bigint NOT NULL DEFAULT 0,
      attempts integer NOT NULL DEFAULT 0,
      crashes integer NOT NULL DEFAULT 0,
      last_seq integer NOT NULL,
      revision integer NOT NULL DEFAULT 0,
      answers integer NOT NULL DEFAULT 0,
      cancel_requested_at timestamptz,
      lease_owner text,
      lease_epoch integer NOT NULL DEFAULT 0,
      lease_expires_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      started_at timestamptz,
      finished_at timestamptz
    )`);
  await runner.query(`CREATE INDEX runs_newest ON runs (tenant_id, id DESC)`);
  await runner.query(`CREATE INDEX runs_of_agent ON runs (tenant_id, agent_id, id DESC)`);
  await runner.query(`CREATE INDEX runs_of_thread ON runs (thread_id, turn)`);
  // Most runs of a grown table have succeeded; finding those needs no index of their own.
  await runner.query(`CREATE INDEX runs_by_status ON runs (tenant_id, status, id DESC) WHERE status <> 'succeeded'`);
  await runner.query(`CREATE INDEX runs_to_claim ON runs (tenant_id, turn) WHERE status = 'queued' AND ready`);
  // A keyed request that is repeated after a crash finds the run it started.
  await runner.query(`CREATE INDEX runs_of_request ON runs (tenant_id, request_key) WHERE request_key IS NOT NULL`);
  // Not on lease_expires_at: a heartbeat would then write to every index of the table.
  await runner.query(`CREATE INDEX runs_leased ON runs (lease_owner) WHERE status = 'running'`);
}

async function createRecords(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE run_steps (
      run_id text NOT NULL,
      key text NOT NULL,
      tenant_id text NOT NULL,
      id text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('model', 'tool', 'worker', 'retrieval', 'interrupt')),
      name text NOT NULL,
      status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'superseded')),
      attempt integer NOT NULL,
      input jsonb,
      output jsonb,
      error jsonb,
      usage jsonb,
      started_at timestamptz NOT NULL,
      finished_at timestamptz,
      PRIMARY KEY (run_id, key)
    )`);
  await runner.query(`
    CREATE TABLE run_events (
      run_id text NOT NULL,
      seq integer NOT NULL,
      tenant_id text NOT NULL,
      type text NOT NULL,
      payload jsonb NOT NULL,
      at timestamptz NOT NULL,
      PRIMARY KEY (run_id, seq)
    )`);
  await runner.query(`
    CREATE TABLE interrupts (
      id text PRIMARY KEY,
      tenant_id text NOT NULL,
      run_id text NOT NULL,
      key text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('approval', 'question', 'choice', 'unknown_effect')),
      prompt text NOT NULL,
      tool_call jsonb,
      response_schema jsonb NOT NULL,
      status text NOT NULL CHECK (status IN ('pending', 'answered', 'expired', 'cancelled')),
      response jsonb,
      responded_by text,
      expires_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      responded_at timestamptz
    )`);
  // After one expired, the retried run may ask the same again.
  await runner.query(
    `CREATE UNIQUE INDEX interrupts_of_run ON interrupts (run_id, key) WHERE status IN ('pending', 'answered')`,
  );
  await runner.query(`CREATE INDEX interrupts_open ON interrupts (tenant_id, id DESC) WHERE status = 'pending'`);
  await runner.query(`CREATE INDEX interrupts_to_expire ON interrupts (expires_at) WHERE status = 'pending'`);
}
