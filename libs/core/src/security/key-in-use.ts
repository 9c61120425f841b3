import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from '@guildhall/sdk';
import { Database } from '../database/database.js';
import { type ComponentHealth, HealthRegistry } from '../health/health-registry.js';
import { LOGGER } from '../telemetry/logger.js';
import { Vault } from './vault.js';

/** The first process with a key tells the database which one it is. */
const KEY_IN_USE = `
  WITH first AS (INSERT INTO encryption_key_in_use (key_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING key_id)
  SELECT key_id FROM first UNION ALL SELECT key_id FROM encryption_key_in_use LIMIT 1`;

const OTHER_KEY =
  'This process has another ENCRYPTION_KEY than the one this database was begun with, and opens no secret that others ' +
  'stored: give it that key. Was it changed on purpose, store the secrets again and empty the table encryption_key_in_use';

/** Notices that processes of one database have different keys, before a secret fails to open. */
@Injectable()
export class KeyInUse implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly health: HealthRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    this.health.register({ name: 'encryption', check: () => this.compare() });
    const { status } = await this.compare();
    if (status !== 'healthy') this.logger.error({ keyId: this.vault.keyId }, OTHER_KEY);
  }

  private async compare(): Promise<ComponentHealth> {
    const [row] = await this.database.manager.query<{ key_id: string }[]>(KEY_IN_USE, [this.vault.keyId]);
    // Another process names its own at this very moment: the next look sees it.
    const isOther = row !== undefined && row.key_id !== this.vault.keyId;
    return isOther ? { status: 'degraded', detail: OTHER_KEY } : { status: 'healthy' };
  }
}
