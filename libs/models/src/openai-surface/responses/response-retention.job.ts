import { Database, Settings } from '@guildhall/core';
import { JobHandler, type JobHandlerContract, type RequestContext } from '@guildhall/sdk';

/** What one statement touches: short enough that nobody waits for it. */
const BATCH = 500;

const DELETE = `
DELETE FROM model_responses WHERE (tenant_id, id) IN (
  SELECT tenant_id, id FROM model_responses WHERE used_at < now() - $1 * interval '1 day' LIMIT $2)`;

/**
 * Removes stored responses that nobody has gone on from for `RESPONSE_RETENTION_DAYS`, of every tenant. What a younger
 * response goes on from was used when that one was made, so conversations end as a whole.
 */
@JobHandler({ queue: 'response.retention', cron: '47 3 * * *', concurrency: 1, expireInSeconds: 3600 })
export class ResponseRetentionJob implements JobHandlerContract {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  async handle(ctx: RequestContext): Promise<void> {
    let responses = 0;
    for (let batch = BATCH; batch === BATCH; responses += batch) {
      ctx.signal.throwIfAborted();
      const values = [this.settings.RESPONSE_RETENTION_DAYS, BATCH];
      batch = (await this.database.pool.query(DELETE, values)).rowCount ?? 0;
    }
    ctx.logger.info({ responses }, 'Removed stored responses that are no longer kept');
  }
}
