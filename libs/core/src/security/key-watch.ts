import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Logger } from '@guildhall/sdk';
import { Database } from '../database/database.js';
import type { Subscription } from '../database/notification-listener.js';
import { LOGGER } from '../telemetry/logger.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { Authenticator } from './authenticator.js';
import { OpenRequests } from './open-requests.js';

const CHANNEL = 'guildhall_keys';
/** What no notification tells, an expiry for one, is known after so long: with the look itself, well within 5 s. */
const LOOK_EVERY_MS = 2000;

/** Ends what a key has under way when the key ends, in whichever process either happens. */
@Injectable()
export class KeyWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private listening: Promise<Subscription | undefined> | undefined;
  private looking = false;

  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeyRepository,
    private readonly authenticator: Authenticator,
    private readonly requests: OpenRequests,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    this.listening = this.database
      .listen(
        CHANNEL,
        (keyId) => this.end(keyId),
        () => void this.look(),
      )
      .catch((error: unknown) => {
        this.logger.warn({ err: error }, 'Keys that other processes revoke are found by looking only');
        return undefined;
      });
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await (await this.listening)?.close();
  }

  /** Part of the transaction that ends the key: the other processes hear of it when it is committed. */
  async tell(tx: EntityManager, keyId: string): Promise<void> {
    await tx.query('SELECT pg_notify($1, $2)', [CHANNEL, keyId]);
  }

  end(keyId: string): void {
    this.authenticator.forget(keyId);
    this.requests.endAllOf(keyId);
  }

  /** One statement for all keys that have something under way here. */
  async look(): Promise<void> {
    const { keyIds } = this.requests;
    if (this.looking || keyIds.length === 0) return;
    this.looking = true;
    try {
      for (const keyId of await this.keys.endedAmong(this.database.manager, keyIds)) this.end(keyId);
    } catch (error) {
      this.logger.warn({ err: error }, 'Cannot look for keys that have ended now; trying again');
    } finally {
      this.looking = false;
    }
  }
}
