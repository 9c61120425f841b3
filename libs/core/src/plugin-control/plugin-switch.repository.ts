import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';

const UNDEFINED_TABLE = '42P01';

/** Which plugins are switched off. There is no tenant: a plugin runs for all of them or for none. */
@Injectable()
export class PluginSwitchRepository {
  /** None before the table is migrated, for nobody can have switched one off. */
  async off(tx: EntityManager): Promise<ReadonlySet<string>> {
    try {
      const rows = await tx.query<{ id: string }[]>('SELECT id FROM disabled_plugins');
      return new Set(rows.map(({ id }) => id));
    } catch (error) {
      if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return new Set();
      throw error;
    }
  }

  async switchOff(tx: EntityManager, { actor }: RequestContext, id: string): Promise<void> {
    const text = 'INSERT INTO disabled_plugins (id, disabled_by) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING';
    await tx.query(text, [id, actor.id]);
  }

  async switchOn(tx: EntityManager, id: string): Promise<void> {
    await tx.query('DELETE FROM disabled_plugins WHERE id = $1', [id]);
  }
}
