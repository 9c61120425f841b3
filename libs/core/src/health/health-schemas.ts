const word = (...words: string[]) => ({ type: 'string', enum: words });
const object = (required: Readonly<Record<string, object>>, optional: Readonly<Record<string, object>> = {}) => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
const each = (additionalProperties: object) => ({ type: 'object', additionalProperties });
const list = (items: object) => ({ type: 'array', items });

const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 0 };
const STATUS = word('healthy', 'degraded', 'unhealthy');
const COMPONENT = object({ status: STATUS }, { detail: TEXT });
/** Who asks with a key may fail before the report is made. */
const orFailure = (report: object) => ({ oneOf: [report, { $ref: '#/components/schemas/Failure' }] });

export const LIVENESS = object({ status: word('alive') });
export const READY = object({ status: word('ready') });
export const NOT_READY = object({ status: word('starting', 'draining', 'unavailable') }, { failing: each(TEXT) });
export const STARTED = object({ status: word('started') });
export const STARTING = object({ status: word('starting') });

export const REPORT = object({
  version: TEXT,
  environment: TEXT,
  uptimeSeconds: COUNT,
  database: word('embedded', 'server'),
  status: STATUS,
  components: each(COMPONENT),
  plugins: object({
    total: COUNT,
    active: COUNT,
    items: list(object({ id: TEXT, status: TEXT }, { reason: TEXT })),
  }),
});
export const UNHEALTHY_REPORT = orFailure(REPORT);

export const DATABASE = object({
  status: word('healthy'),
  kind: word('embedded', 'server'),
  latencyMs: { type: 'number', minimum: 0 },
  version: TEXT,
  pool: object({ total: COUNT, idle: COUNT, waiting: COUNT }),
  migrations: object({ pending: list(TEXT), unknown: list(TEXT) }),
});
export const UNHEALTHY_DATABASE = orFailure(COMPONENT);

export const CONFIGURATION = object({
  status: word('healthy'),
  warnings: list(TEXT),
  settings: list(object({ name: TEXT, value: { description: 'Secrets redacted' }, source: TEXT })),
});
