import type { RequestContext } from '@guildhall/sdk';

/** What a job stores: whose it is, which request caused it, and the data for its handler. */
export interface JobEnvelope {
  readonly tenantId: string;
  readonly requestId: string;
  readonly traceparent?: string;
  readonly data: object;
}

/** Jobs that no request caused: those that run by the clock. They belong to no tenant. */
export const SYSTEM_TENANT = 'system';

export function toEnvelope({ tenantId, requestId, traceparent }: RequestContext, data: object): JobEnvelope {
  return { tenantId, requestId, ...(traceparent === undefined ? {} : { traceparent }), data };
}
