import type { ErrorDetail } from '@guildhall/sdk';
import type { Environment } from './environment.js';
import { nearestName } from './nearest-name.js';
import { SettingsError } from './settings-error.js';

const OWN_PREFIX = 'GUILDHALL_';
/** No setting of a process, but what the command line sends to a running one; it may well stand in the same shell. */
const CLIENT_NAMES = new Set(['GUILDHALL_API_KEY']);
/** Other programs read it too, Docker Compose for one: names that we do not know are theirs. */
const SHARED_FILE = '.env';

type Values = Readonly<Record<string, string | undefined>>;

/**
 * Names that cannot be anything but a slip: `GUILDHALL_*`, which no setting is called, and names of our own file that
 * are nearly a setting's. Other names of the file may belong to a plugin, which is not loaded yet.
 */
export function misspeltNames(environment: Environment, values: Values, known: readonly string[]): ErrorDetail[] {
  const inFiles = environment.files.flatMap((file) =>
    environment
      .unread(file)
      .filter((name) => isOurs(name) || (file.name !== SHARED_FILE && nearestName(name, known)))
      .map((name) => unknown(name, file.name, known)),
  );
  return [
    ...Object.keys(values)
      .filter(isOurs)
      .map((name) => unknown(name, 'the environment', known)),
    ...inFiles,
  ];
}

/** Names of the shared file that may be meant for us: worth a line, no reason not to start. */
export function doubtfulNames(environment: Environment, known: readonly string[]): string[] {
  const shared = environment.files.find(({ name }) => name === SHARED_FILE);
  const names = shared ? environment.unread(shared).filter((name) => nearestName(name, known)) : [];
  return names.map((name) => `${name} in ${SHARED_FILE} is no setting; did you mean ${nearestName(name, known)}?`);
}

/** To be called when all plugins have read their settings: throws for names of our own file that nobody knows. */
export function refuseUnknownNames(environment: Environment, known: readonly string[]): void {
  const faults = environment.files
    .filter(({ name }) => name !== SHARED_FILE)
    .flatMap((file) => environment.unread(file).map((name) => unknown(name, file.name, known)));
  if (faults.length > 0) throw new SettingsError(faults);
}

function isOurs(name: string): boolean {
  return name.startsWith(OWN_PREFIX) && !CLIENT_NAMES.has(name);
}

function unknown(path: string, where: string, known: readonly string[]): ErrorDetail {
  const meant = nearestName(path.replace(OWN_PREFIX, ''), known);
  const remedy = meant ? `did you mean ${meant}?` : 'remove it, or list the plugin that reads it in PLUGINS';
  return { path, code: 'unknown_setting', message: `is no setting, but is given in ${where}; ${remedy}` };
}
