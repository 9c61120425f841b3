import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { EventEnvelope, Logger } from '@guildhall/sdk';
import type { Database } from '@guildhall/core';
import { EventRelay } from '../../libs/core/src/events/event-relay.js';
import type { FanOut, FanOutSubscriber } from '../../libs/core/src/events/fan-out.js';
import { InProcessEventBus } from '../../libs/core/src/events/in-process-event-bus.js';

const DATA = { runId: 'run_1', threadId: 'thr_1', agentId: 'agt_1' };
const warnings: object[] = [];
const logger: Logger = { debug() {}, info() {}, warn: (fields) => void warnings.push(fields), error() {} };

/** What joins the processes of a test. */
class Wire {
  up = true;
  readonly sent: string[] = [];
  private readonly ends: FanOutSubscriber[] = [];

  end(): FanOut {
    let own: FanOutSubscriber | undefined;
    return {
      up: this.up,
      publish: (_channel, message) => {
        this.sent.push(message);
        for (const end of this.ends) if (end !== own) end.onMessage(message);
      },
      subscribe: (_channel, subscriber) => {
        own = subscriber;
        this.ends.push(subscriber);
        return () => this.ends.splice(this.ends.indexOf(subscriber), 1);
      },
    };
  }
}

describe('the event buses of several processes', () => {
  let testing: TestDatabase;
  let database: Database;
  const relays: EventRelay[] = [];

  beforeAll(async () => {
    testing = await testDatabase();
    ({ database } = await testing.connect());
  });
  afterEach(() => Promise.all(relays.splice(0).map((relay) => relay.close())));
  afterAll(() => testing.close());

  function process(wire: Wire, { everywhere = true } = {}) {
    const bus = new InProcessEventBus(logger);
    const here: EventEnvelope[] = [];
    const all: EventEnvelope[] = [];
    bus.on('run.*', (event) => void here.push(event));
    const relay = new EventRelay(bus, wire.end(), database, String(relays.length), logger);
    relays.push(relay);
    relay.start();
    if (everywhere) bus.on('run.*', (event) => void all.push(event), { from: 'everywhere' });
    return { bus, here, all };
  }
  const emit = (bus: InProcessEventBus) => bus.emit('run.succeeded', DATA, { source: 'runs', tenantId: 'ten_1' });
  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 300 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it('hand an event to listeners everywhere, and to all others only where it happened', () => {
    const wire = new Wire();
    const [one, other] = [process(wire), process(wire)];
    emit(one.bus);
    expect([one.here.length, one.all.length, other.here.length, other.all.length]).toEqual([1, 1, 0, 1]);
    expect(other.all[0]).toEqual(one.here[0]);
    expect(JSON.parse(wire.sent[0]!)).toMatchObject({ specversion: '1.0', type: 'run.succeeded', tenantid: 'ten_1' });
  });

  it('do not mind what they cannot read', () => {
    const wire = new Wire();
    const { all } = process(wire);
    wire.end().publish('events', 'not an event');
    expect(all).toEqual([]);
  });

  it('use the database where there is nothing faster, if anybody listens', async () => {
    const wire = new Wire();
    wire.up = false;
    const [one, other] = [process(wire), process(wire)];
    // What is listened to is known when the connection that listens has said so.
    await until(() => (emit(one.bus), other.all.length > 0));
    expect(other.all[0]).toMatchObject({ type: 'run.succeeded', tenantId: 'ten_1', data: DATA });
    expect(one.all).toEqual(one.here);
    expect([other.here, wire.sent]).toEqual([[], []]);
  });

  it('leave the database alone when nobody listens', () => {
    const wire = new Wire();
    wire.up = false;
    const query = jest.spyOn(database.pool, 'query');
    emit(process(wire, { everywhere: false }).bus);
    expect(query).not.toHaveBeenCalled();
    query.mockRestore();
  });

  it('say that an event is too large for the database, and go on', async () => {
    const wire = new Wire();
    wire.up = false;
    const { bus, here } = process(wire);
    bus.emit('run.failed', { ...DATA, code: 'x'.repeat(8_000) }, { source: 'runs' });
    await until(() => warnings.length > 0);
    expect(warnings).toMatchObject([{ event: 'run.failed' }]);
    expect(here).toHaveLength(1);
  });
});
