import type { ErrorCategory, ErrorDetail } from '@guildhall/sdk';
import { failureBody } from '../../errors/failure-body.js';
import { INTERNAL_MESSAGE } from '../../errors/errors.js';

interface Kind {
  readonly name: string;
  readonly description: string;
  readonly category: ErrorCategory;
  readonly code: string;
  readonly message: string;
  readonly retryable?: boolean;
  readonly details?: readonly ErrorDetail[];
}

const FAILURE = { $ref: '#/components/schemas/Failure' };
const REQUEST = { id: 'req_01k9x8m5d3f0abcdefghjkmnpq', path: '/api/v1/agents' };
const MISSING_NAME = [{ path: 'name', code: 'required', message: 'name must be a string' }];

/** What each status means; one example each. */
const KINDS: Readonly<Record<number, Kind>> = {
  400: {
    name: 'BadRequest',
    description: 'The input is not valid; `details` lists every fault.',
    category: 'validation',
    code: 'validation_failed',
    message: 'One field is not valid',
    details: MISSING_NAME,
  },
  401: {
    name: 'Unauthenticated',
    description: 'No valid API key was sent.',
    category: 'authentication',
    code: 'unauthenticated',
    message: 'A valid API key is required: send "Authorization: Bearer <key>"',
  },
  403: {
    name: 'Forbidden',
    description: 'The key lacks a scope.',
    category: 'authorization',
    code: 'forbidden',
    message: "This needs an API key with the scope 'agents:write'",
  },
  404: {
    name: 'NotFound',
    description: 'There is no such object in this tenant.',
    category: 'not_found',
    code: 'agent_not_found',
    message: "No agent with id 'agt_01k9x8m5d3f0abcdefghjkmnpq'",
  },
  409: {
    name: 'Conflict',
    description: 'The state of the object, or an equal request that still runs, forbids it.',
    category: 'conflict',
    code: 'idempotency_in_progress',
    message: 'The first request with this Idempotency-Key is still running; repeat this one soon',
    retryable: true,
  },
  410: {
    name: 'Gone',
    description: 'It was kept for a time that is over.',
    category: 'not_found',
    code: 'events_expired',
    message: "The events of run 'run_01k9x8m5d3f0abcdefghjkmnpq' were kept for 24 hours after its end",
  },
  412: {
    name: 'PreconditionFailed',
    description: 'The object changed since the revision in If-Match.',
    category: 'conflict',
    code: 'precondition_failed',
    message: 'The agent changed meanwhile; read it again',
  },
  413: {
    name: 'PayloadTooLarge',
    description: 'The body is too large.',
    category: 'validation',
    code: 'payload_too_large',
    message: 'The body is larger than this route takes',
  },
  415: {
    name: 'UnsupportedMediaType',
    description: 'The body has a form that this route does not read.',
    category: 'validation',
    code: 'unsupported_media_type',
    message: 'Send "Content-Type: application/json"',
  },
  421: {
    name: 'Misdirected',
    description: 'The Host header, or the URL, names a host that this server is not called by.',
    category: 'authorization',
    code: 'host_not_allowed',
    message: 'This server is not called so: the operator names its hosts in ALLOWED_HOSTS',
  },
  422: {
    name: 'Unprocessable',
    description: 'The Idempotency-Key was used for another request, or a limit is exceeded.',
    category: 'conflict',
    code: 'idempotency_key_reused',
    message: 'This Idempotency-Key was used for another request; take a new one',
  },
  429: {
    name: 'TooManyRequests',
    description:
      'Too many wrong keys came from this address; or the key has as many streams or waiting requests open as it may have. See Retry-After.',
    category: 'rate_limit',
    code: 'rate_limited',
    message: 'This key has 200 streams open already',
    retryable: true,
    details: [{ path: '', code: 'concurrency', message: 'Close one first, or follow several runs by polling' }],
  },
  431: {
    name: 'HeadersTooLarge',
    description: 'The URL and the header lines have more than 16 KiB together.',
    category: 'validation',
    code: 'headers_too_large',
    message: 'The URL and the headers are too large: send at most 16 KiB',
  },
  500: {
    name: 'InternalError',
    description: 'A fault of ours. The log has it under the request id.',
    category: 'internal',
    code: 'internal_error',
    message: INTERNAL_MESSAGE,
  },
  502: {
    name: 'BadGateway',
    description: 'What had to be called for this failed.',
    category: 'upstream',
    code: 'tool_failed',
    message: "The tool 'get-order' failed: the shop answered with 500",
  },
  503: {
    name: 'Unavailable',
    description: 'Not now: too many requests in flight, the database is away, or the process stops. See Retry-After.',
    category: 'unavailable',
    code: 'concurrency_limited',
    message: 'The server has too many requests in hand, in all or of your tenant; repeat this one soon',
    retryable: true,
  },
  504: {
    name: 'Timeout',
    description: 'It took too long.',
    category: 'timeout',
    code: 'request_timeout',
    message: 'The request took longer than 30 s',
    retryable: true,
  },
};

/** `components.responses`: each kind of failure once, all with one body. */
export function failureResponses(): Record<string, object> {
  const responses = Object.entries(KINDS).map(([status, { name, description, retryable = false, ...facts }]) => {
    const example = asOnTheWire(failureBody({ status: Number(status), retryable, ...facts }, REQUEST));
    return [name, { description, content: { 'application/json': { schema: FAILURE, example } } }] as const;
  });
  return Object.fromEntries(responses);
}

/** A route's response with this status. OpenAPI 3.1 lets a reference have words of its own. */
export function failureResponse(status: number, description?: string): object {
  const kind = KINDS[status];
  const words = description ? { description } : {};
  if (kind) return { $ref: `#/components/responses/${kind.name}`, ...words };
  return { description: 'The request failed.', ...words, content: { 'application/json': { schema: FAILURE } } };
}

/** Without what is undefined, and at a fixed time, so that the document never changes by itself. */
function asOnTheWire(body: object): unknown {
  const fix = (key: string, value: unknown) => (key === 'timestamp' ? '2026-11-01T12:00:00.000Z' : value);
  return JSON.parse(JSON.stringify(body, fix));
}
