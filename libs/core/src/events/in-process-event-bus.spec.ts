import type { EventEnvelope, Logger } from '@guildhall/sdk';
import { InProcessEventBus } from './in-process-event-bus.js';

const DATA = { runId: 'run_1', threadId: 'thr_1', agentId: 'agt_1' };

function bus(mayListen?: (owner: string) => boolean) {
  const errors: object[] = [];
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (fields) => void errors.push(fields) };
  return { bus: new InProcessEventBus(logger, mayListen), errors };
}

/** What listeners that failed by a promise report, they report a moment later. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('InProcessEventBus', () => {
  it('hands an event in its envelope to exact, wildcard and catch-all listeners', () => {
    const { bus: events } = bus();
    const heard: [string, EventEnvelope][] = [];
    for (const pattern of ['run.succeeded', 'run.*', '*', 'run.failed', 'document.*', 'run']) {
      events.on(pattern, (event) => void heard.push([pattern, event]));
    }
    events.emit('run.succeeded', DATA, { source: 'runs', tenantId: 'ten_1' });
    expect(heard.map(([pattern]) => pattern)).toEqual(['run.succeeded', 'run.*', '*']);
    expect(heard[0]![1]).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      type: 'run.succeeded',
      source: 'runs',
      tenantId: 'ten_1',
      schemaVersion: 1,
      time: expect.stringMatching(/Z$/),
      data: DATA,
    });
  });

  it('stops handing events on when a subscription ends', () => {
    const { bus: events } = bus();
    let heard = 0;
    const end = events.on('*', () => heard++);
    events.emit('run.succeeded', DATA, { source: 'runs' });
    end();
    events.emit('run.succeeded', DATA, { source: 'runs' });
    expect(heard).toBe(1);
  });

  it('shields the emitter and the others from listeners that throw or reject, and reports them by name', async () => {
    const { bus: events, errors } = bus();
    const reports: unknown[] = [];
    let heard = 0;
    events.subscribe('weather', 'run.*', () => {
      throw new Error('at once');
    });
    events.subscribe('mail', 'run.*', () => Promise.reject(new Error('later')));
    events.on('run.*', () => heard++);
    events.on('plugin.error', ({ data }) => void reports.push(data));
    events.emit('run.succeeded', DATA, { source: 'runs' });
    await settled();
    expect(heard).toBe(1);
    expect(reports).toEqual([
      { pluginId: 'weather', source: 'listener of run.succeeded', message: 'at once' },
      { pluginId: 'mail', source: 'listener of run.succeeded', message: 'later' },
    ]);
    expect(errors).toHaveLength(2);
  });

  it('does not go round in circles when a listener of plugin.error fails', () => {
    const { bus: events, errors } = bus();
    events.on('plugin.error', () => {
      throw new Error('again');
    });
    events.emit('plugin.error', { pluginId: 'a', source: 'b', message: 'c' }, { source: 'core' });
    expect(errors).toHaveLength(1);
  });

  it('tells nothing to plugins that are not available', () => {
    const { bus: events } = bus((owner) => owner !== 'disabled');
    let heard = 0;
    events.subscribe('disabled', '*', () => heard++);
    events.emit('run.succeeded', DATA, { source: 'runs' });
    expect(heard).toBe(0);
  });
});
