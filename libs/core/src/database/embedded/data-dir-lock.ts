import { readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '@guildhall/sdk';
import { requireFolder } from '../../config/require-folder.js';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** The process's start, in the kernel's words: pids come back. */
  readonly startedAt: string;
}

const HEARTBEAT_MS = 5_000;
/** Another host's lock, or one half written, counts as abandoned after this. */
const ABANDONED_MS = 3 * HEARTBEAT_MS;

const held = new Set<string>();

/**
 * The exclusive right to a data folder: two processes that open the same embedded database lose rows. A lock whose
 * process is gone, after `kill -9` for one, is taken over.
 */
export class DataDirLock {
  private constructor(
    private readonly file: string,
    private readonly heartbeat: NodeJS.Timeout,
  ) {}

  static acquire(directory: string): DataDirLock {
    requireFolder('DATA_DIR', directory);
    const file = join(directory, 'guildhall.lock');
    if (!create(file)) {
      takeOver(file, directory);
      if (!create(file)) throw inUse(directory, undefined);
    }
    held.add(file);
    const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS).unref();
    return new DataDirLock(file, heartbeat);
  }

  release(): void {
    if (!held.delete(this.file)) return;
    clearInterval(this.heartbeat);
    unlinkSync(this.file);
  }
}

function create(file: string): boolean {
  const owner: Owner = { pid: process.pid, host: hostname(), startedAt: processStart(process.pid) ?? '' };
  try {
    writeFileSync(file, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves an abandoned lock aside; throws where its owner lives. */
function takeOver(file: string, directory: string): void {
  const seen = readIfThere(file);
  if (seen === undefined) return;
  const owner = parse(seen);
  if (held.has(file) || lives(owner, file)) throw inUse(directory, owner);
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Another process may have taken the lock over after we read it: then what we moved was its lock.
  const moved = readFileSync(aside, 'utf8');
  if (moved !== seen) {
    renameSync(aside, file);
    throw inUse(directory, parse(moved));
  }
  unlinkSync(aside);
}

function lives(owner: Owner | undefined, file: string): boolean {
  if (owner === undefined || owner.host !== hostname()) return Date.now() - statSync(file).mtimeMs < ABANDONED_MS;
  if (owner.pid === process.pid) return false;
  const startedAt = processStart(owner.pid);
  return startedAt !== undefined && (owner.startedAt === '' || startedAt === owner.startedAt);
}

/** Undefined where no such process lives; empty where the system does not tell. */
function processStart(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The fields after the command's closing parenthesis; state is the first of them, the start time the 20th.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === 'Z' ? undefined : (fields[19] ?? '');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function parse(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody removed the file; the next start on this folder cannot see us, but serving goes on.
  }
}

function inUse(directory: string, owner: Owner | undefined): ConfigurationError {
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'another process';
  return new ConfigurationError(
    `The data folder '${directory}' is in use by ${who}: stop it, or set DATA_DIR to another folder or DATABASE_URL to a PostgreSQL server`,
  );
}
