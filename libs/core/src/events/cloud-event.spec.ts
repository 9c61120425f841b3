import type { EventEnvelope } from '@guildhall/sdk';
import { fromCloudEvent, toCloudEvent } from './cloud-event.js';

const EVENT: EventEnvelope = {
  id: 'evt_1',
  type: 'run.succeeded',
  source: 'runs',
  time: '2026-11-21T09:30:00.000Z',
  schemaVersion: 1,
  tenantId: 'ten_1',
  traceId: 'ab'.repeat(16),
  traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
  data: { runId: 'run_1', threadId: 'thr_1', agentId: 'agt_1' },
};
const { tenantId: _tenant, traceId: _trace, traceparent: _parent, ...BARE } = EVENT;

describe('an event between processes', () => {
  it('is a CloudEvent, with attributes in lower case', () => {
    expect(toCloudEvent(EVENT)).toEqual({
      specversion: '1.0',
      id: 'evt_1',
      source: 'runs',
      type: 'run.succeeded',
      time: '2026-11-21T09:30:00.000Z',
      datacontenttype: 'application/json',
      schemaversion: 1,
      tenantid: 'ten_1',
      traceid: EVENT.traceId,
      traceparent: EVENT.traceparent,
      data: EVENT.data,
    });
  });

  it.each([EVENT, BARE])('arrives as it was sent', (event) => {
    expect(fromCloudEvent(JSON.stringify(toCloudEvent(event)))).toEqual(event);
  });

  it.each(['', 'null', '[]', '{"specversion":"2.0"}', '{"specversion":"1.0","schemaversion":2}'])(
    'is not taken from %j',
    (text) => expect(fromCloudEvent(text)).toBeUndefined(),
  );
});
