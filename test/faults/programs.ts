import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders in which programs of this machine are, PostgreSQL's newest version first. */
function folders(): string[] {
  const root = '/usr/lib/postgresql';
  let versions: string[] = [];
  try {
    versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  } catch {
    // Not a Debian: then they are on the path.
  }
  return [...versions.map((version) => join(root, version, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)];
}

export function findProgram(name: string): string {
  for (const folder of folders()) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  throw new Error(`'${name}' is not installed`);
}

/** Who may run PostgreSQL: it refuses root, then the system's user `postgres` does. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

export function postgresUser(): PostgresUser {
  const uid = process.getuid!();
  if (uid !== 0) return { uid, gid: process.getgid!() };
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
