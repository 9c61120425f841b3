import { Injectable } from '@nestjs/common';
import type { RequestContext } from '@guildhall/sdk';
import { Database, Settings } from '@guildhall/core';

/** After so many new chunks at least, and a quarter of what there is: each vacuum reads the whole table. */
const MIN_CHUNKS = 500;

/**
 * The embedded database has no autovacuum. Without one the index cannot answer alone and statistics stay those of an
 * empty table: six times slower queries after a bulk ingest.
 */
@Injectable()
export class PostingsVacuum {
  private pending = 0;
  private running?: Promise<void>;

  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** Notes that `chunks` were written or removed; vacuums when that is worth it. */
  async wrote(ctx: RequestContext, chunks: number): Promise<void> {
    if (!this.settings.embedded) return;
    this.pending += chunks;
    if (this.pending < MIN_CHUNKS || this.running) return;
    const [{ n }] = await this.database.manager.query<[{ n: number }]>(
      `SELECT greatest(reltuples, 0)::float8 AS n FROM pg_class WHERE oid = 'chunks'::regclass`,
    );
    if (this.pending < n / 4) return;
    this.pending = 0;
    this.running = this.vacuum(ctx).finally(() => (this.running = undefined));
    await this.running;
  }

  private async vacuum(ctx: RequestContext): Promise<void> {
    const started = performance.now();
    for (const table of ['postings', 'term_trigrams', 'chunks', 'documents']) {
      await this.database.manager.query(`VACUUM (ANALYZE) ${table}`);
    }
    ctx.logger.debug({ durationMs: Math.round(performance.now() - started) }, 'Vacuumed the index');
  }
}
