import type { Logger } from '@guildhall/sdk';
import { systemClock } from '../clock.js';
import { Endpoint } from './endpoint.js';
import { Probes } from './probes.js';

const OPEN_MS = 30;
const logger = { info: () => undefined, debug: () => undefined } as unknown as Logger;
const client = { generate: () => Promise.reject(new Error('not asked here')) };

/** An endpoint that fails as often as said, then works; `asked` resolves with the times of so many probes. */
function failing({ failures, isWanted = () => true }: { failures: number; isWanted?: () => boolean }) {
  const asked: number[] = [];
  const closed = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const probes: Probes = new Probes({
    everyMs: OPEN_MS,
    isWanted,
    logger,
    ask: async () => {
      asked.push(performance.now());
      if (asked.length <= failures) throw new Error('still down');
    },
  });
  const endpoint: Endpoint = new Endpoint({ id: 'p', kind: 'fake', models: [] }, client, systemClock, {
    failures: 1,
    openMs: OPEN_MS,
    onCall: () => undefined,
    onChange: (state, which) => {
      if (state === 'open') {
        probes.opened(which);
        opened.resolve();
      }
      if (state === 'closed') closed.resolve();
    },
  });
  const fail = () => endpoint.run(0, new AbortController().signal, () => Promise.reject(new Error('down')));
  return { asked, closed: closed.promise, opened: opened.promise, endpoint, fail, probes };
}

describe('Probes', () => {
  it('bring an endpoint back by themselves, and ask nothing before its breaker allows it', async () => {
    const { asked, closed, endpoint, fail } = failing({ failures: 0 });
    const from = performance.now();
    await fail().catch(() => undefined);
    await closed;
    expect(endpoint.breaker.state).toBe('closed');
    expect(asked).toHaveLength(1);
    expect(asked[0]! - from).toBeGreaterThanOrEqual(OPEN_MS);
  });

  it('ask again after every failure, no sooner than the first time', async () => {
    const { asked, closed, fail } = failing({ failures: 2 });
    await fail().catch(() => undefined);
    await closed;
    expect(asked).toHaveLength(3);
    expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(OPEN_MS);
    expect(asked[2]! - asked[1]!).toBeGreaterThanOrEqual(OPEN_MS);
  });

  it('leave alone what nobody wants, until somebody does', async () => {
    const looked = Promise.withResolvers<void>();
    let wanted = false;
    const isWanted = () => {
      looked.resolve();
      return wanted;
    };
    const { asked, closed, endpoint, fail, probes } = failing({ failures: 0, isWanted });
    await fail().catch(() => undefined);
    await looked.promise;
    expect(asked).toEqual([]);
    wanted = true;
    probes.arm(endpoint);
    await closed;
    expect(asked).toHaveLength(1);
  });

  it('end with the provider', async () => {
    const { asked, endpoint, fail, probes } = failing({ failures: 9 });
    await fail().catch(() => undefined);
    probes.stop();
    probes.arm(endpoint);
    const later = Promise.withResolvers<void>();
    setTimeout(later.resolve, 2 * OPEN_MS);
    await later.promise;
    expect(asked).toEqual([]);
  });
});
