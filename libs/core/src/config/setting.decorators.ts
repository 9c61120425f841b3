import { applyDecorators } from '@nestjs/common';
import { isIP } from 'node:net';
import { Transform } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, Min, ValidateBy } from 'class-validator';
import { addressFault } from './address-fault.js';
import { BUDGET } from './budget.js';
import { sharesOf } from './shares.js';

const SECRETS = new Set<string>();

/** Names whose values are never shown: not in faults, not in `config print`, not in `/health/config`. */
export function isSecretSetting(name: string): boolean {
  return SECRETS.has(name);
}

/** What a fault says of the value it found. */
function found(name: string, value: unknown): string {
  return SECRETS.has(name) ? 'its value is not shown' : `found '${String(value)}'`;
}

const says = (rule: string) => ({
  message: ({ property, value }: { property: string; value: unknown }) => `must be ${rule}; ${found(property, value)}`,
});

const split = (value: unknown): unknown =>
  typeof value === 'string'
    ? value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
    : value;

/** Marks a credential; shown as `[redacted]` everywhere. */
function Secret(): PropertyDecorator {
  return (_, name) => void SECRETS.add(String(name));
}

export function Whole(min: number, max = Number.MAX_SAFE_INTEGER) {
  const rule = says(
    max === Number.MAX_SAFE_INTEGER ? `a whole number, at least ${min}` : `a whole number from ${min} to ${max}`,
  );
  // Number('') is 0 and Number('0x10') is 16: only plain digits count as a number here.
  const parse = Transform(({ value }) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value));
  return applyDecorators(parse, IsInt(rule), Min(min, rule), Max(max, rule));
}

const FLAGS: ReadonlyMap<string, boolean> = new Map(
  Object.entries<boolean>({ true: true, false: false, '1': true, '0': false }),
);

export function Flag() {
  return applyDecorators(
    Transform(({ value }) => (typeof value === 'string' ? (FLAGS.get(value) ?? value) : value)),
    IsBoolean(says('true or false')),
  );
}

export function OneOf(...values: readonly string[]) {
  return IsIn([...values], says(`one of ${values.join(', ')}`));
}

export function Text() {
  return IsString(says('text'));
}

/** What to listen on: an address without brackets and port, or a name. */
export function Host() {
  const isHost = (value: unknown): boolean =>
    typeof value === 'string' && (isIP(value) !== 0 || /^[A-Za-z0-9._-]+$/.test(value));
  return ValidateBy({ name: 'isHost', validator: { validate: isHost } }, says('an address or a host name'));
}

/** Names joined by commas. `item` says what each must look like. */
export function List(item?: { readonly pattern: RegExp; readonly rule: string }) {
  const rule = says(item ? `${item.rule}, several joined by commas` : 'a list joined by commas');
  return applyDecorators(
    Transform(({ value }) => split(value)),
    IsArray(rule),
    ...(item ? [Matches(item.pattern, { each: true, ...rule })] : []),
  );
}

/** `<count>/<seconds>` or `none`; `budgetOf` reads it. */
export function Budgeted() {
  return Matches(BUDGET, says('<count>/<seconds>, like 60/60, or none'));
}

/** How much each of `names` counts, in shares of 1; `sharesOf` reads it. */
export function Shares(...names: readonly string[]) {
  const isShares = (value: unknown): boolean => {
    const shares = typeof value === 'string' ? sharesOf(value) : {};
    const values = names.map((name) => shares[name] ?? NaN);
    const sum = values.reduce((all, share) => all + share, 0);
    // NaN is in no range.
    const inRange = values.every((share) => share >= 0 && share <= 1);
    return inRange && Object.keys(shares).length === names.length && Math.abs(sum - 1) < 1e-6;
  };
  const form = names.map((name) => `${name}=…`).join(',');
  return ValidateBy({ name: 'isShares', validator: { validate: isShares } }, says(`${form}, numbers that sum to 1`));
}

export function Ports() {
  const rule = says('port numbers from 1 to 65535, joined by commas');
  const parse = Transform(({ value }) => {
    const items = split(value);
    return Array.isArray(items) ? items.map((item) => (/^\d+$/.test(String(item)) ? Number(item) : item)) : items;
  });
  return applyDecorators(
    parse,
    IsArray(rule),
    IsInt({ each: true, ...rule }),
    Min(1, { each: true, ...rule }),
    Max(65535, { each: true, ...rule }),
  );
}

/** Addresses and CIDRs of proxies. Not everybody's: whoever calls would be believed, whatever address they claim. */
export function Proxies() {
  const rule = says('addresses, CIDRs of at least /1, loopback, linklocal or uniquelocal, joined by commas');
  const isProxy = (value: unknown): boolean => {
    if (['loopback', 'linklocal', 'uniquelocal'].includes(String(value))) return true;
    const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(String(value)) ?? [];
    const family = isIP(address);
    const range = bits === undefined ? 1 : Number(bits);
    return family !== 0 && range >= 1 && range <= (family === 4 ? 32 : 128);
  };
  const areProxies = (value: unknown): boolean => Array.isArray(value) && value.every(isProxy);
  return applyDecorators(
    Transform(({ value }) => split(value)),
    ValidateBy({ name: 'areProxies', validator: { validate: areProxies } }, rule),
  );
}

/** An optional address with one of these schemes, e.g. `http`. May hold a password: the fault shows only its scheme. */
export function Address(...schemes: readonly string[]) {
  const shape = schemes.map((scheme) => `${scheme}://`).join(' or ');
  const faultOf = (value: unknown): string | undefined => {
    const scheme = schemeOf(value);
    if (!schemes.some((known) => `${known}://` === scheme.toLowerCase())) {
      return `must be an address that starts with ${shape}; found '${scheme}'`;
    }
    const fault = addressFault(String(value));
    return fault && `cannot be read: ${fault}`;
  };
  return applyDecorators(IsOptional(), Judged('isAddress', faultOf));
}

/** The database's address: a PostgreSQL server's, or `pglite:<dir>`. */
export function DatabaseAddress() {
  const faultOf = (value: unknown): string | undefined => {
    if (typeof value !== 'string' || !/^(pglite:|postgres(ql)?:\/\/[^/])/.test(value)) {
      return 'must be postgres://user:password@host:5432/name, or pglite:<dir> for the embedded database';
    }
    const fault = value.startsWith('pglite:') ? undefined : addressFault(value);
    return fault && `cannot be read: ${fault}`;
  };
  return applyDecorators(IsOptional(), Judged('isDatabaseAddress', faultOf));
}

/** Valid where `faultOf` finds nothing; else its words are the fault's. */
function Judged(name: string, faultOf: (value: unknown) => string | undefined): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => faultOf(value) === undefined,
    defaultMessage: (args?: { value: unknown }) => faultOf(args?.value) ?? '',
  };
  return ValidateBy({ name, validator });
}

/** Only what the slashes make certain: of `user:password@host` nothing may be shown. */
function schemeOf(value: unknown): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.exec(String(value))?.[0] ?? 'no scheme';
}

/** What a header can carry. Quotes around it are what `--env-file` of Docker leaves on. */
const CREDENTIAL = {
  pattern: /^(?!["'])[\x21-\x7e]+$/,
  rule: 'printable ASCII without spaces, line breaks, and quotes around it',
} as const;

/** An optional credential. */
export function Credential() {
  return applyDecorators(Secret(), IsOptional(), Matches(CREDENTIAL.pattern, says(CREDENTIAL.rule)));
}

/** Credentials joined by commas. */
export function Credentials() {
  return applyDecorators(Secret(), List(CREDENTIAL));
}
