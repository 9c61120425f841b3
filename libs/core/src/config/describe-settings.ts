import { type LoadedSettings, SETTING_NAMES } from './load-settings.js';
import { isSecretSetting } from './setting.decorators.js';

export interface DescribedSetting {
  readonly name: string;
  readonly value: unknown;
  /** `environment`, `.env.<NODE_ENV>`, `file <path>`, or `default`. */
  readonly source: string;
}

/** Every setting with its value and where it came from; secrets redacted, passwords in addresses too. */
export function describeSettings({ settings, environment }: LoadedSettings): DescribedSetting[] {
  return SETTING_NAMES.map((name) => ({
    name,
    value: redact(name, settings[name]),
    source: environment.find(name)?.origin ?? 'default',
  })).toSorted((a, b) => a.name.localeCompare(b.name));
}

function redact(name: string, value: unknown): unknown {
  if (value === undefined || (Array.isArray(value) && value.length === 0 && isSecretSetting(name))) return null;
  if (isSecretSetting(name)) return '[redacted]';
  if (typeof value !== 'string' || !URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password === '' && url.username === '' && url.search === '') return value;
  if (url.password !== '') url.password = 'redacted';
  // Query strings of database addresses may hold a password too.
  for (const key of [...url.searchParams.keys()].filter((key) => /pass|secret|token|key/i.test(key))) {
    url.searchParams.set(key, 'redacted');
  }
  return url.href;
}
