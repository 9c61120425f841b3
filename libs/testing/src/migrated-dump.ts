import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Type } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';

const CACHE = resolve('node_modules/.cache/guildhall');

/**
 * The file of a dump with these migrations applied: made once, kept until a migration changes, and cloned by every test
 * file, because loading it takes a fraction of a second and making it several.
 */
export async function migratedDump(migrations: readonly Type<MigrationInterface>[]): Promise<string> {
  const hash = createHash('sha256');
  for (const migration of migrations) hash.update(migration.name).update(migration.toString());
  // A migration may call functions beside its class.
  for (const file of globSync('libs/*/src/**/migrations/*.ts').toSorted()) hash.update(readFileSync(file));
  const file = join(CACHE, `${hash.digest('hex').slice(0, 16)}.tar`);
  if (existsSync(file)) return file;
  const { dumpEmbeddedDatabase } = await import('@guildhall/core');
  // From the empty one, so that only the very first dump of a machine has to initialise a database.
  const from = migrations.length === 0 ? undefined : await migratedDump([]);
  const dump = await dumpEmbeddedDatabase(migrations, from);
  await mkdir(CACHE, { recursive: true });
  // Several test files may get here at once: each makes the same dump, and the first one's stays. Who reads it already
  // could not go on if it were replaced.
  const own = `${file}.${process.pid}`;
  await writeFile(own, Buffer.from(await dump.arrayBuffer()));
  try {
    await link(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(own);
  }
  return file;
}
