import type { ErrorDetail } from '@guildhall/sdk';
import type { Settings } from './settings.js';

/** Written in `.env.development` and in the README. */
export const DEVELOPMENT_API_KEY = 'gh_dev_local';
const MIN_SECRET = 32;
/** What `openssl rand -hex 24` makes. */
const STRONG_SECRET = 48;

/** What an environment does not allow although each value is well formed. The only place that asks which one it is. */
export function refusals(settings: Settings): ErrorDetail[] {
  const environment = settings.NODE_ENV;
  const faults: ErrorDetail[] = [];
  const refuse = (path: string, code: string, message: string) => faults.push({ path, code, message });

  if ((environment === 'staging' || environment === 'production') && settings.embedded) {
    const found = settings.DATABASE_URL === undefined ? 'is not set' : `is '${settings.DATABASE_URL}'`;
    const remedy = 'set it to a PostgreSQL server, postgres://user:password@host:5432/name';
    refuse(
      'DATABASE_URL',
      'embedded_refused',
      `${found}, the embedded database, which NODE_ENV=${environment} refuses; ${remedy}`,
    );
  }
  if (settings.DATABASE_POOL_MIN > settings.DATABASE_POOL_SIZE) {
    refuse('DATABASE_POOL_MIN', 'above_size', `must not be above DATABASE_POOL_SIZE (${settings.DATABASE_POOL_SIZE})`);
  }
  if (environment !== 'production') return faults;

  if (settings.REDIS_REQUIRED && settings.REDIS_URL === undefined) {
    const message =
      'is required with NODE_ENV=production; set redis://host:6379, or REDIS_REQUIRED=false to do without';
    refuse('REDIS_URL', 'required', message);
  }
  if (settings.ENCRYPTION_KEY === undefined) {
    const message = 'is required with NODE_ENV=production: 32 bytes in base64, e.g. from: openssl rand -base64 32';
    refuse('ENCRYPTION_KEY', 'required', message);
  }
  const key = settings.BOOTSTRAP_API_KEY;
  if (key === DEVELOPMENT_API_KEY) {
    refuse(
      'BOOTSTRAP_API_KEY',
      'development_key',
      'is the development key, which NODE_ENV=production refuses; set a secret one',
    );
  } else if (key !== undefined && key.length < MIN_SECRET) {
    refuse(
      'BOOTSTRAP_API_KEY',
      'too_short',
      `has ${key.length} characters; NODE_ENV=production wants at least ${MIN_SECRET}`,
    );
  }
  return faults;
}

/** What is allowed in production, and still deserves a look. */
export function cautions(settings: Settings): string[] {
  if (settings.NODE_ENV !== 'production') return [];
  const { LOG_LEVEL, BOOTSTRAP_API_KEY: key, ENCRYPTION_KEY } = settings;
  const plain = settings.CORS_ORIGINS.filter((origin) => !origin.startsWith('https://'));
  return [
    ...(LOG_LEVEL === 'debug' || LOG_LEVEL === 'trace'
      ? [`LOG_LEVEL is ${LOG_LEVEL}: logs grow fast and may tell too much`]
      : []),
    ...plain.map((origin) => `CORS_ORIGINS holds '${origin}', which is not HTTPS`),
    ...(key !== undefined && key.length < STRONG_SECRET
      ? [`BOOTSTRAP_API_KEY has ${key.length} characters; ${STRONG_SECRET} or more are better`]
      : []),
    ...(ENCRYPTION_KEY !== undefined && isWeak(ENCRYPTION_KEY)
      ? ['ENCRYPTION_KEY does not look random; make one with: openssl rand -base64 32']
      : []),
    ...(settings.DOCS_ENABLED ? ['DOCS_ENABLED shows the API documentation to everyone'] : []),
  ];
}

/** 32 random bytes hold about 30 different ones; half of that is no accident. */
function isWeak(base64: string): boolean {
  return new Set(Buffer.from(base64, 'base64')).size < 16;
}
