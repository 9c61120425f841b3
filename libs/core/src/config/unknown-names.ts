import type { ErrorDetail } from '@guildhall/sdk';
import type { Environment } from './environment.js';
import { nearestName } from './nearest-name.js';
import { SettingsError } from './settings-error.js';

const OWN_PREFIX = 'GUILDHALL_';
/** No setting of a process, but what the command line sends to a running one; it may well stand in the same shell. */
const CLIENT_NAMES = new Set(['GUILDHALL_API_KEY']);

/**
 * Names that cannot be anything but a slip: `GUILDHALL_*`, which no setting is called, and names of the environment's
 * file that are nearly a setting's. Other names of the file may belong to a plugin, which is not loaded yet.
 */
export function misspeltNames(
  environment: Environment,
  values: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): ErrorDetail[] {
  const prefixed = Object.keys(values).filter((name) => name.startsWith(OWN_PREFIX) && !CLIENT_NAMES.has(name));
  const inFile = environment.unread().filter((name) => name.startsWith(OWN_PREFIX) || nearestName(name, known));
  return [
    ...prefixed.map((name) => unknown(name, 'the environment', known)),
    ...inFile.map((name) => unknown(name, environment.fileLabel, known)),
  ];
}

/** To be called when all plugins have read their settings: throws for names of the file that nobody knows. */
export function refuseUnknownNames(environment: Environment, known: readonly string[]): void {
  const names = environment.unread();
  if (names.length > 0) throw new SettingsError(names.map((name) => unknown(name, environment.fileLabel, known)));
}

function unknown(path: string, where: string, known: readonly string[]): ErrorDetail {
  const meant = nearestName(path.replace(OWN_PREFIX, ''), known);
  const remedy = meant ? `did you mean ${meant}?` : 'remove it, or list the plugin that reads it in PLUGINS';
  return { path, code: 'unknown_setting', message: `is no setting, but is given in ${where}; ${remedy}` };
}
