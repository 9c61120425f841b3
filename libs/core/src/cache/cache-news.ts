import { randomUUID } from 'node:crypto';
import type { Logger } from '@guildhall/sdk';
import type { Database } from '../database/database.js';

const CHANNEL = 'guildhall_cache';

export interface CacheNewsHandlers {
  changed(key: string): void;
  /** The connection was away. */
  missed(): void;
}

/**
 * Tells the other processes which keys were changed here, so that their memories do not answer with what was. It goes
 * through the database: they all have it, Redis or not, and what was changed is gone from there too when it is away.
 */
export class CacheNews {
  private readonly self = randomUUID();

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  async listen({ changed, missed }: CacheNewsHandlers): Promise<void> {
    const onPayload = (payload: string) => {
      const [from, key] = divided(payload);
      if (from !== this.self) changed(key);
    };
    await this.database.listen(CHANNEL, onPayload, missed);
  }

  /** The change is made, whether others hear of it or not: then what they remember ends with its time to live. */
  async tell(key: string): Promise<void> {
    try {
      await this.database.pool.query('SELECT pg_notify($1, $2)', [CHANNEL, `${this.self} ${key}`]);
    } catch (error) {
      this.logger.warn({ err: error }, 'Other processes could not be told that a cached value changed');
    }
  }
}

function divided(payload: string): [string, string] {
  const at = payload.indexOf(' ');
  return [payload.slice(0, at), payload.slice(at + 1)];
}
