import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ErrorDetail } from '@guildhall/sdk';
import { SettingsError } from './settings-error.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this process may not write there',
  EPERM: 'this process may not write there',
  EROFS: 'it is on a file system that can only be read',
  ENOSPC: 'there is no room left',
  ENOENT: 'it is a link that leads nowhere, or cannot be made there',
  ENOTDIR: 'it is, or stands under, what is no folder',
  ELOOP: 'its links lead in a circle',
};

/** Makes the folder of a setting where it is missing; throws in words where this process cannot write to it. */
export function requireFolder(setting: string, path: string): void {
  const fault = folderFault(setting, path);
  if (fault) throw new SettingsError([fault]);
}

export function folderFault(setting: string, path: string): ErrorDetail | undefined {
  try {
    make(path);
    // A folder is written by making files in it, which takes both.
    accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const reason = REASONS[code] ?? `it cannot be used (${code || String(error)})`;
    const message = `'${path}' is no folder to write to: ${reason}. Name another one`;
    return { path: setting, code: 'unusable_folder', message };
  }
}

/** Step by step: for some paths, under /proc for one, Node's `recursive` never ends. */
function make(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return requireDirectory(path);
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    make(dirname(path));
    mkdirSync(path);
  }
}

function requireDirectory(path: string): void {
  if (!statSync(path).isDirectory()) throw Object.assign(new Error('Not a directory'), { code: 'ENOTDIR' });
}
