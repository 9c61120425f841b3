import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { ErrorDetail } from '@guildhall/sdk';
import { readTextFile } from './read-text-file.js';

export interface EnvironmentFile {
  readonly name: string;
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Why it could not be read, although it is there. */
  readonly fault?: ErrorDetail;
}

/** Undefined where there is no such file; a folder of that name is no file of ours (`.env` may be Python's). */
export function readEnvironmentFile(directory: string, name: string): EnvironmentFile | undefined {
  try {
    return { name, values: parseEnv(readTextFile(resolve(directory, name))) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return undefined;
    const fault = { path: name, code: 'unreadable_file', message: `cannot be read (${code ?? String(error)})` };
    return { name, values: {}, fault };
  }
}
