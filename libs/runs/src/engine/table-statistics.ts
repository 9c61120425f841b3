import { Injectable } from '@nestjs/common';
import { Database } from '@guildhall/core';

const TABLES = ['runs', 'run_steps', 'run_events', 'interrupts', 'messages', 'threads'];

/** Smaller tables may be read from end to end. */
const PAGES_MIN = 8;

const SELECT_GROWN = `
SELECT relname AS table, pages FROM pg_class,
  LATERAL (SELECT (pg_relation_size(oid) / current_setting('block_size')::int)::int AS pages) size
WHERE oid = ANY ($1::regclass[]) AND pages >= $2 AND pages > 2 * relpages`;

/**
 * Has the planner look at tables that have at least doubled. The plans of prepared statements are kept until then: one
 * made when the tables were empty reads all there is. A server notices by itself, within minutes; the embedded database
 * never does.
 */
@Injectable()
export class TableStatistics {
  /** At what size each was looked at. A role that may not analyze is refused with a warning only, time and again. */
  private readonly seen = new Map<string, number>();

  constructor(private readonly database: Database) {}

  async refresh(): Promise<void> {
    const { rows } = await this.database.pool.query<{ table: string; pages: number }>(SELECT_GROWN, [
      TABLES,
      PAGES_MIN,
    ]);
    for (const { table, pages } of rows) {
      if (pages <= 2 * (this.seen.get(table) ?? 0)) continue;
      this.seen.set(table, pages);
      await this.database.pool.query(`ANALYZE ${table}`);
    }
  }
}
