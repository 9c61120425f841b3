import type { EventEnvelope } from '@guildhall/sdk';

/** An event as CloudEvents 1.0 writes it in JSON: attribute names are lower case. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly schemaversion: number;
  readonly tenantid?: string;
  readonly traceid?: string;
  /** As CloudEvents' extension for distributed tracing has it. */
  readonly traceparent?: string;
  readonly data: unknown;
}

export function toCloudEvent({
  id,
  source,
  type,
  time,
  schemaVersion,
  tenantId,
  traceId,
  traceparent,
  data,
}: EventEnvelope): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source,
    type,
    time,
    datacontenttype: 'application/json',
    schemaversion: schemaVersion,
    ...(tenantId === undefined ? {} : { tenantid: tenantId }),
    ...(traceId === undefined ? {} : { traceid: traceId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    data,
  };
}

/** Undefined when it is none, or of a release that means something else by it. */
export function fromCloudEvent(text: string): EventEnvelope | undefined {
  const event = parsed(text);
  if (event?.specversion !== '1.0' || event.schemaversion !== 1) return undefined;
  const { id, source, type, time, tenantid, traceid, traceparent, data } = event;
  return {
    id,
    source,
    type,
    time,
    schemaVersion: 1,
    ...(tenantid === undefined ? {} : { tenantId: tenantid }),
    ...(traceid === undefined ? {} : { traceId: traceid }),
    ...(traceparent === undefined ? {} : { traceparent }),
    data,
  } as EventEnvelope;
}

function parsed(text: string): CloudEvent | undefined {
  try {
    const value = JSON.parse(text) as CloudEvent | null;
    return value ?? undefined;
  } catch {
    return undefined;
  }
}
