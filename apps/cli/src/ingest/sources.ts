import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { AppError } from '@guildhall/sdk';

/** One document to be: a file of this machine, or an address that the server fetches. */
export interface Source {
  readonly kind: 'file' | 'url';
  /** The path, or the address. */
  readonly place: string;
  readonly title: string;
}

/** Folders are gone through in the order of names, without what is hidden, installed or linked. */
export async function findSources(targets: readonly string[]): Promise<readonly Source[]> {
  return (await Promise.all(targets.map(sourcesOf))).flat();
}

async function sourcesOf(target: string): Promise<readonly Source[]> {
  if (/^https?:\/\//i.test(target)) return [{ kind: 'url', place: target, title: titleOf(target) }];
  const found = await stat(target).catch((error: NodeJS.ErrnoException) => {
    throw new AppError('validation', 'no_source', `'${target}' cannot be read (${error.code ?? error.message})`);
  });
  if (!found.isDirectory()) return [{ kind: 'file', place: target, title: titleOf(basename(target)) }];
  const files = await filesUnder(target);
  if (files.length === 0) throw new AppError('validation', 'no_source', `The folder '${target}' holds no file`);
  return files.map((place) => ({
    kind: 'file',
    place,
    title: titleOf(relative(target, place).replaceAll(sep, '/')),
  }));
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }))
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesUnder(path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

/** The end of a long path tells more than its beginning. */
const titleOf = (name: string): string => name.slice(-500);
