import type { RequestContext } from '@guildhall/sdk';
import { traceIdOf } from '../errors/failure-body.js';
import { TRACEPARENT, currentLogFields } from './log-context.js';

export interface Trace {
  readonly traceId: string;
  readonly traceparent?: string;
}

/** The caller's trace; without one that of the request, so that all it leads to has the same id in every process. */
export function traceOf({ requestId: id, traceparent }: Pick<RequestContext, 'requestId' | 'traceparent'>): Trace {
  if (traceparent === undefined) return { traceId: traceIdOf({ id }) };
  return { traceId: traceIdOf({ id, traceparent }), traceparent };
}

/** What a call to another server says of the trace that the present request, job or run belongs to. */
export function traceHeaders(): { readonly traceparent?: string } {
  const traceparent = currentLogFields()?.[TRACEPARENT];
  return traceparent === undefined ? {} : { traceparent };
}
