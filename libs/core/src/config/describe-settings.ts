import { addressFault } from './address-fault.js';
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
  return typeof value === 'string' && value.includes('://') ? redactAddress(value) : value;
}

function redactAddress(address: string): string {
  // Where its parts cannot be told apart, any of it may be the password.
  if (addressFault(address) !== undefined) return `${address.slice(0, address.indexOf('://'))}://[redacted]`;
  const url = new URL(address);
  if (url.password === '' && url.username === '' && url.search === '') return address;
  if (url.password !== '') url.password = 'redacted';
  // Without a password, what stands for the user of a web address is a token.
  else if (url.username !== '' && url.protocol.startsWith('http')) url.username = 'redacted';
  // Query strings of database addresses may hold a password too.
  for (const key of [...url.searchParams.keys()].filter((key) => /pass|secret|token|key/i.test(key))) {
    url.searchParams.set(key, 'redacted');
  }
  return url.href;
}
