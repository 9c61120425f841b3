import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What model calls used, day by day, and what they may cost. */
export class Accounting1763800100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model_usage (
        tenant_id text NOT NULL,
        day date NOT NULL,
        provider text NOT NULL,
        model text NOT NULL,
        agent_id text NOT NULL DEFAULT '',
        user_id text NOT NULL DEFAULT '',
        calls bigint NOT NULL DEFAULT 0,
        failed_calls bigint NOT NULL DEFAULT 0,
        unreported_calls bigint NOT NULL DEFAULT 0,
        input_tokens bigint NOT NULL DEFAULT 0,
        cached_tokens bigint NOT NULL DEFAULT 0,
        output_tokens bigint NOT NULL DEFAULT 0,
        reasoning_tokens bigint NOT NULL DEFAULT 0,
        cost_micro_usd bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, day, provider, model, agent_id, user_id)
      )`);
    // The last write of every process that keeps accounts, for all tenants: one whose answer was lost is not done twice.
    await runner.query(`
      CREATE TABLE accounting_writers (
        id text PRIMARY KEY,
        seq bigint NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE budgets (
        tenant_id text NOT NULL,
        id text NOT NULL,
        name text,
        scope text NOT NULL CHECK (scope IN ('tenant', 'agent', 'provider', 'user')),
        scope_id text,
        period text NOT NULL CHECK (period IN ('day', 'month', 'total')),
        limit_micro_usd bigint NOT NULL CHECK (limit_micro_usd >= 0),
        hard boolean NOT NULL,
        revision integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        CHECK ((scope = 'tenant') = (scope_id IS NULL))
      )`);
    // budget_id is a budget's, or provider:<id> for the daily limit in a provider's own configuration.
    await runner.query(`
      CREATE TABLE budget_windows (
        tenant_id text NOT NULL,
        budget_id text NOT NULL,
        window_start date NOT NULL,
        spent_micro_usd bigint NOT NULL DEFAULT 0,
        reserved_micro_usd bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, budget_id, window_start)
      )`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
