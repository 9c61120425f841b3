import { InFlightLimit } from './in-flight-limit.js';

const crowd = (limit: InFlightLimit, count: number) => Array.from({ length: count }, () => limit.begin());

describe('InFlightLimit', () => {
  it('knows no limit until it is told of one', () => {
    const limit = new InFlightLimit();
    crowd(limit, 1000);
    expect(limit.isFull).toBe(false);
    expect(limit.inFlight).toBe(1000);
  });

  it('falls to half of what was too much, once for calls that were under way together', () => {
    const limit = new InFlightLimit();
    const eras = crowd(limit, 40);
    for (const era of eras.slice(0, 25)) limit.refused(era);
    expect(limit.inFlight).toBe(15);
    expect(limit.isFull).toBe(false);
    crowd(limit, 5);
    expect(limit.isFull).toBe(true);
  });

  it('never falls below one', () => {
    const limit = new InFlightLimit();
    for (let i = 0; i < 5; i++) limit.refused(limit.begin());
    expect(limit.isFull).toBe(false);
    limit.begin();
    expect(limit.isFull).toBe(true);
  });

  it('grows with calls that go well, until it is none again', () => {
    const limit = new InFlightLimit();
    limit.refused(limit.begin());
    const goWell = (count: number) => {
      for (let i = 0; i < count; i++) {
        limit.begin();
        limit.succeeded();
      }
    };
    goWell(1);
    crowd(limit, 1);
    expect(limit.isFull).toBe(false);
    crowd(limit, 1);
    expect(limit.isFull).toBe(true);
    goWell(6000);
    crowd(limit, 500);
    expect(limit.isFull).toBe(false);
  });

  it('stays as it is when calls fail of something else', () => {
    const limit = new InFlightLimit();
    crowd(limit, 3);
    limit.failed();
    expect([limit.inFlight, limit.isFull]).toEqual([2, false]);
  });
});
