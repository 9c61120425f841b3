import type { ClientBase } from 'pg';
import type { EntityManager } from 'typeorm';

/**
 * Runs a statement that a connection plans once. For the few of ingestion that run for every document, where planning
 * costs as much as running. `tx` must be a transaction; equal names must mean equal statements.
 */
export async function prepared<Row>(
  tx: EntityManager,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = (await tx.queryRunner!.connect()) as ClientBase;
  const { rows } = await client.query({ name, text, values: [...values] });
  return rows as Row[];
}
