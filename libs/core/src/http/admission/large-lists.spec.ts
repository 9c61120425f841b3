import { setImmediate as nextTurn } from 'node:timers/promises';
import { useHttpFixture } from '../spec-fixture/http-fixture.js';
import { closeGate, gate, seen } from '../spec-fixture/thing.controller.js';

describe('lists that were large', () => {
  const { call, arrived } = useHttpFixture({ REQUEST_TIMEOUT: 60 });
  const rows = (tenant: string, init = {}) =>
    call('/api/v1/things/rows', { ...init, headers: { 'x-tenant': tenant, 'accept-encoding': 'identity' } });
  const until = async (reading: number) => {
    while (seen.reading !== reading) await nextTurn();
  };
  beforeEach(() => (seen.reading = 0));
  afterEach(() => gate.open());

  it('are made one after the other, and at the same time as those of another tenant', async () => {
    expect((await rows('a')).body.data).toHaveLength(8);
    closeGate();
    const there = arrived(3);
    const own = [rows('a'), rows('a'), rows('a')];
    await there;
    const other = rows('b');
    await until(2);
    expect((await call('/api/v1/things/context', { headers: { 'x-tenant': 'a' } })).status).toBe(200);
    expect(seen.reading).toBe(2);
    const most = new Set<number>();
    seen.entered = () => most.add(seen.reading);
    gate.open();
    expect((await Promise.all([...own, other])).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(Math.max(...most)).toBeLessThanOrEqual(2);
  });

  it('do not wait for one whose client has left', async () => {
    await rows('c');
    closeGate();
    const first = rows('c');
    await until(1);
    const leaver = new AbortController();
    const there = arrived(1);
    const left = rows('c', { signal: leaver.signal });
    await there;
    leaver.abort();
    await expect(left).rejects.toThrow();
    const last = rows('c');
    gate.open();
    expect([(await first).status, (await last).status]).toEqual([200, 200]);
  });
});
