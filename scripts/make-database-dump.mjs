// Writes the dump of an empty, initialised embedded database to dist/assets: the first start loads it in half a second
// instead of initialising a database for several. The dump depends on PGlite alone, so it is kept between builds.
import { copyFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'dist/assets/embedded-database.tar');

const manifest = join(root, 'node_modules/@electric-sql/pglite/package.json');
const { version } = JSON.parse(await readFile(manifest, 'utf8'));
const cached = join(root, `node_modules/.cache/guildhall/empty-${version}.tar`);

if (!(await exists(cached))) await writeAtomically(cached, await dump());
await mkdir(dirname(target), { recursive: true });
await copyFile(cached, target);
const { size } = await stat(target);
process.stdout.write(`Embedded database prepared: ${Math.round(size / 1e6)} MB\n`);

async function dump() {
  const database = await PGlite.create({ extensions: { vector } });
  await database.exec('CHECKPOINT');
  const file = await database.dumpDataDir('none');
  await database.close();
  return Buffer.from(await file.arrayBuffer());
}

async function writeAtomically(path, bytes) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, bytes);
  await rename(`${path}.${process.pid}`, path);
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
