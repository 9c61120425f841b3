import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TenantsKeysAudit1763700030000 implements MigrationInterface {
  name = 'TenantsKeysAudit1763700030000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE tenants (
        id text PRIMARY KEY,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`INSERT INTO tenants (id, name) VALUES ('default', 'default')`);
    await runner.query(`
      CREATE TABLE api_keys (
        id text PRIMARY KEY,
        tenant_id text NOT NULL REFERENCES tenants (id),
        name text NOT NULL,
        token_hash bytea NOT NULL,
        scopes text[] NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz
      )`);
    await runner.query(`CREATE INDEX api_keys_tenant ON api_keys (tenant_id, id DESC)`);
    await runner.query(`
      CREATE TABLE audit_events (
        id text PRIMARY KEY,
        tenant_id text NOT NULL,
        actor_kind text NOT NULL,
        actor_id text NOT NULL,
        action text NOT NULL,
        target_id text NOT NULL,
        detail jsonb NOT NULL,
        request_id text NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX audit_events_tenant ON audit_events (tenant_id, id DESC)`);
    await runner.query(`
      CREATE FUNCTION audit_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_events is append-only';
      END $$`);
    await runner.query(`
      CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
      FOR EACH ROW EXECUTE FUNCTION audit_events_refuse_change()`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
