import type { FastifyReply } from 'fastify';
import { ConflictError } from '@guildhall/sdk';
import { Page, type Pagination } from '../pagination.js';
import { Reply } from '../reply.js';
import { isStream } from '../stream-body.js';

/** What a first attempt came to, as it is kept. A refusal comes to nothing: the next attempt is judged anew. */
export type Outcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly data: unknown;
      readonly pagination?: Pagination;
      readonly partial?: boolean;
    }
  /** The answer was a stream, which is gone: its handler answers again (`@IsRepeat`), or what it made can be looked at. */
  | { readonly kind: 'stream'; readonly location: string | null };

/**
 * The handler's result, as it will be repeated; undefined for a refusal. `lateStatus`: what it answers with though its request was refused as late
 * meanwhile, so that the reply speaks of the refusal.
 */
export function outcomeOf(value: unknown, reply: FastifyReply, lateStatus?: number): Outcome | undefined {
  const status = statusOf(value, lateStatus ?? reply.statusCode);
  if (status >= 400) return undefined;
  if (value instanceof Response) return streamOf((name) => value.headers.get(name));
  const late = lateStatus !== undefined;
  // A handler may take the reply into its own hands.
  const written = !late && (reply.sent || reply.raw.headersSent);
  if (written || isStream(value)) return streamOf((name) => reply.getHeader(name));
  const type = late ? undefined : reply.getHeader('content-type');
  const set: Record<string, string> = typeof type === 'string' ? { 'content-type': type } : {};
  if (!(value instanceof Reply)) return { ...answer(value, status), headers: set };
  const { location, etag, headers, partial } = value.options;
  const kept = {
    ...set,
    ...headers,
    ...(location === undefined ? {} : { location }),
    ...(etag === undefined ? {} : { etag }),
  };
  return { ...answer(value.data, status), headers: kept, partial };
}

function statusOf(value: unknown, own: number): number {
  if (value instanceof Response) return value.status;
  if (!(value instanceof Reply)) return own;
  return value.options.status ?? (value.options.partial ? 207 : own);
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

/** Thrown in place of handling a request that was handled before. */
export class RepeatedAnswer {
  constructor(readonly outcome: Outcome) {}
}

/** Repeats an outcome: returns what the handler returned, or throws what it threw. */
export function repeat(outcome: Outcome, reply: FastifyReply): unknown {
  void reply.header('idempotency-replayed', 'true');
  if (outcome.kind === 'stream') {
    if (outcome.location === null)
      throw new ConflictError('conflict', 'The first answer was a stream and cannot be repeated');
    return new Reply(null, { status: 303, location: outcome.location });
  }
  const { status, headers, data, pagination, partial } = outcome;
  const { etag, location, ...others } = headers;
  const repeated = pagination ? Page.repeated(data as readonly unknown[], pagination) : data;
  return new Reply(repeated, { status, etag, location, headers: others, partial });
}
