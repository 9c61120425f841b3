import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import type { ErrorDetail } from '@guildhall/sdk';
import { Environment } from './environment.js';
import { readEnvironmentFile } from './environment-file.js';
import { cautions, refusals } from './refusals.js';
import { withoutServiceLinks } from './service-links.js';
import { SettingsError } from './settings-error.js';
import { ENVIRONMENTS, Settings } from './settings.js';
import { doubtfulNames, misspeltNames } from './unknown-names.js';

type Values = Readonly<Record<string, string | undefined>>;

export interface LoadedSettings {
  readonly settings: Settings;
  /** Reads names that plugins own, by the same rules. */
  readonly environment: Environment;
  /** Allowed, but worth a line in the log. */
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  /** Wins over the environment: options of a command line. */
  readonly given?: Readonly<Record<string, string>>;
  /** Instead of the process's environment. */
  readonly values?: Values;
  /** Where `.env` and `.env.<NODE_ENV>` lie. Default: the working directory. */
  readonly directory?: string;
}

/** Every setting's name, known from its validation. */
export const SETTING_NAMES: readonly (keyof Settings & string)[] = [
  ...new Set(
    getMetadataStorage()
      .getTargetValidationMetadatas(Settings, '', true, false)
      .map(({ propertyName }) => propertyName as keyof Settings & string),
  ),
];

/**
 * Reads, checks and freezes all settings: the environment above `.env` above `.env.<NODE_ENV>` above defaults. Throws
 * one `SettingsError` that lists every fault. Nothing else in Guildhall reads `process.env`.
 */
export function loadSettings(options: LoadOptions = {}): LoadedSettings {
  const values = withoutServiceLinks({ ...(options.values ?? process.env), ...options.given });
  const { environment, nodeEnv } = readEnvironment(values, options.directory ?? process.cwd());

  const raw: Record<string, string> = {};
  for (const name of SETTING_NAMES) {
    const found = environment.find(name);
    if (found) raw[name] = found.value;
  }
  environment.find('ENVIRONMENT');
  raw.NODE_ENV = nodeEnv;

  const { settings, faults } = build(raw);
  const unreadable = environment.files.flatMap(({ fault }) => fault ?? []);
  const misspelt = misspeltNames(environment, values, SETTING_NAMES);
  const all = [...unreadable, ...environment.faults, ...misspelt, ...faults];
  if (all.length > 0) throw new SettingsError(all);
  return { settings, environment, warnings: [...doubtfulNames(environment, SETTING_NAMES), ...cautions(settings)] };
}

function readEnvironment(values: Values, directory: string): { environment: Environment; nodeEnv: string } {
  const shared = readEnvironmentFile(directory, '.env');
  const nodeEnv = environmentName(values, shared?.values ?? {});
  // A wrong name has no file of its own; reading another one's would only add misleading faults.
  const known = (ENVIRONMENTS as readonly string[]).includes(nodeEnv);
  const own = known ? readEnvironmentFile(directory, `.env.${nodeEnv}`) : undefined;
  const files = [shared, own].filter((file) => file !== undefined);
  return { environment: new Environment(values, files), nodeEnv };
}

/** Settings from typed values, over the defaults: for tests and tools. Reads no environment and no file. */
export function settingsFrom(values: Partial<Settings> = {}): Settings {
  const { settings, faults } = build(values);
  if (faults.length > 0) throw new SettingsError(faults);
  return settings;
}

/** `testing` is another word for `test`, `ENVIRONMENT` another name of `NODE_ENV`. The first that says so counts. */
function environmentName(...layers: readonly Values[]): string {
  const said = layers.map((values) => values.NODE_ENV?.trim() || values.ENVIRONMENT?.trim()).find(Boolean);
  return said === 'testing' ? 'test' : (said ?? 'development');
}

function build(given: object): { settings: Settings; faults: ErrorDetail[] } {
  const settings = plainToInstance(Settings, { ...derivedDefaults(given as Partial<Settings>), ...given });
  const faults = validateSync(settings).map((error) => ({
    path: error.property,
    code: 'invalid_setting',
    message: Object.values(error.constraints ?? {})[0] ?? 'is not valid',
  }));
  // Rules between settings speak of valid ones: beside a wrong value they would only repeat it.
  const wrong = new Set(faults.map(({ path }) => path));
  faults.push(...refusals(settings).filter(({ path }) => !wrong.has(path)));
  return { settings: Object.freeze(settings), faults };
}

/** Defaults that follow from other settings. */
function derivedDefaults({ NODE_ENV, DATABASE_URL }: Partial<Settings>): Partial<Settings> {
  return {
    REDIS_REQUIRED: NODE_ENV === 'production',
    DOCS_ENABLED: NODE_ENV !== 'production',
    METRICS_PUBLIC: (NODE_ENV ?? 'development') === 'development',
    ...(NODE_ENV === 'staging' || NODE_ENV === 'production' ? {} : { SHUTDOWN_DELAY_MS: 0 }),
    RUN_WORKERS: DATABASE_URL === undefined || DATABASE_URL.startsWith('pglite:'),
  };
}
