import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { schemaState } from '../database/migrator.js';
import type { ComponentHealth, HealthRegistry } from './health-registry.js';

export interface DatabaseReport {
  readonly kind: 'embedded' | 'server';
  readonly latencyMs: number;
  readonly version: string;
  readonly pool: { readonly total: number; readonly idle: number; readonly waiting: number };
  readonly migrations: { readonly pending: readonly string[]; readonly unknown: readonly string[] };
}

/** The two things no request can do without: a database that answers, with the schema this release needs. */
@Injectable()
export class DatabaseChecks {
  private migrated = false;

  constructor(
    private readonly database: Database,
    @InjectDataSource() private readonly source: DataSource,
    private readonly settings: Settings,
  ) {}

  register(registry: HealthRegistry): void {
    registry.register({ name: 'database', readiness: true, check: () => this.answers() });
    registry.register({ name: 'migrations', readiness: true, check: () => this.isMigrated() });
  }

  async report(): Promise<DatabaseReport> {
    const from = performance.now();
    const { rows } = await this.database.pool.query<{ version: string }>(
      `SELECT current_setting('server_version') AS version`,
    );
    const latencyMs = Math.round((performance.now() - from) * 10) / 10;
    const { totalCount, idleCount, waitingCount } = this.database.pool;
    return {
      kind: this.settings.embedded ? 'embedded' : 'server',
      latencyMs,
      version: rows[0]?.version ?? 'unknown',
      pool: { total: totalCount, idle: idleCount, waiting: waitingCount },
      migrations: await schemaState(this.source),
    };
  }

  private async answers(): Promise<ComponentHealth> {
    await this.database.pool.query('SELECT 1');
    return { status: 'healthy', detail: this.settings.embedded ? 'embedded' : 'server' };
  }

  /** Migrations only go forward: once none is pending, none will be while this release runs. */
  private async isMigrated(): Promise<ComponentHealth> {
    if (!this.migrated) {
      const { pending } = await schemaState(this.source);
      if (pending.length > 0) {
        return { status: 'unhealthy', detail: `${pending.length} migrations are pending: run "guildhall migrate"` };
      }
      this.migrated = true;
    }
    return { status: 'healthy' };
  }
}
