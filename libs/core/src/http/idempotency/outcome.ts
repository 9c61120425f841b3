import type { FastifyReply } from 'fastify';
import { AppError, ConflictError, type ErrorCategory, type ErrorDetail } from '@guildhall/sdk';
import { statusOf } from '../../errors/category-status.js';
import { Page, type Pagination } from '../pagination.js';
import { Reply } from '../reply.js';
import { isStream } from '../stream-body.js';

/** How a first attempt ended, as it is kept. */
export type Outcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly data: unknown;
      readonly pagination?: Pagination;
      readonly partial?: boolean;
    }
  | { readonly kind: 'refusal'; readonly error: StoredError }
  /** The answer was a stream, which is gone: its handler answers again (`@IsRepeat`), or what it made can be looked at. */
  | { readonly kind: 'stream'; readonly location: string | null };

interface StoredError {
  readonly category: ErrorCategory;
  readonly code: string;
  readonly message: string;
  readonly details?: readonly ErrorDetail[];
  readonly provider?: string;
}

/**
 * The handler's result, as it will be repeated. `lateStatus`: what it answers with though its request was refused as late
 * meanwhile, so that the reply speaks of the refusal.
 */
export function outcomeOf(value: unknown, reply: FastifyReply, lateStatus?: number): Outcome {
  if (value instanceof Response) return streamOf((name) => value.headers.get(name));
  const late = lateStatus !== undefined;
  // A handler may take the reply into its own hands.
  const written = !late && (reply.sent || reply.raw.headersSent);
  if (written || isStream(value)) return streamOf((name) => reply.getHeader(name));
  const own = lateStatus ?? reply.statusCode;
  const type = late ? undefined : reply.getHeader('content-type');
  const set: Record<string, string> = typeof type === 'string' ? { 'content-type': type } : {};
  if (!(value instanceof Reply)) return { ...answer(value, own), headers: set };
  const { status, location, etag, headers, partial } = value.options;
  const kept = {
    ...set,
    ...headers,
    ...(location === undefined ? {} : { location }),
    ...(etag === undefined ? {} : { etag }),
  };
  return { ...answer(value.data, status ?? (partial ? 207 : own)), headers: kept, partial };
}

function streamOf(header: (name: string) => unknown): Outcome {
  const location = header('content-location') ?? header('location');
  return { kind: 'stream', location: typeof location === 'string' ? location : null };
}

function answer(value: unknown, status: number) {
  const page = value instanceof Page ? value : undefined;
  const data: unknown = page ? page.items : (value ?? null);
  return { kind: 'answer' as const, status, data, pagination: page?.pagination };
}

/**
 * A refusal that would come again is kept. Undefined for one that says nothing of the next attempt: invalid input,
 * where nothing was done, a caller who left, and whatever may pass.
 */
export function refusalOf(thrown: unknown): Outcome | undefined {
  if (!AppError.is(thrown) || thrown.retryable) return undefined;
  if (thrown.category === 'validation' || thrown.category === 'cancelled') return undefined;
  if (statusOf(thrown) >= 500 || statusOf(thrown) === 429) return undefined;
  const { category, code, message, details, provider } = thrown;
  return { kind: 'refusal', error: { category, code, message, details, provider } };
}

/** Thrown in place of handling a request that was handled before. */
export class RepeatedAnswer {
  constructor(readonly outcome: Outcome) {}
}

/** Repeats an outcome: returns what the handler returned, or throws what it threw. */
export function repeat(outcome: Outcome, reply: FastifyReply): unknown {
  void reply.header('idempotency-replayed', 'true');
  if (outcome.kind === 'refusal') {
    const { category, code, message, ...options } = outcome.error;
    throw new AppError(category, code, message, options);
  }
  if (outcome.kind === 'stream') {
    if (outcome.location === null)
      throw new ConflictError('conflict', 'The first answer was a stream and cannot be repeated');
    return new Reply(null, { status: 303, location: outcome.location });
  }
  const { status, headers, data, pagination, partial } = outcome;
  const { etag, location, ...others } = headers;
  const repeated = pagination ? new Page(data as readonly unknown[], pagination) : data;
  return new Reply(repeated, { status, etag, location, headers: others, partial });
}
