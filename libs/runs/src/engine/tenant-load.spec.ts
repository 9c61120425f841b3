import fc from 'fast-check';
import { TenantLoad } from './tenant-load.js';

const PLACES = 250;

/** Takes places one by one, in turns, as long as any tenant may. */
function fill(tenants: number): Map<string, number> {
  const load = new TenantLoad();
  const held = new Map<string, number>();
  for (let taken = 0, before = -1; taken > before;) {
    before = taken;
    for (let tenant = 0; tenant < tenants && taken < PLACES; tenant++) {
      const id = `ten_${tenant}`;
      if (load.crowding(PLACES - taken).includes(id)) continue;
      load.enter(id);
      held.set(id, (held.get(id) ?? 0) + 1);
      taken++;
    }
  }
  return held;
}

describe('TenantLoad', () => {
  it('lets one tenant have four fifths of the places', () => {
    expect([...fill(1).values()]).toEqual([200]);
  });

  it('shares alike and keeps places free for the next tenant, however many there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (tenants) => {
        const shares = [...fill(tenants).values()];
        expect(shares).toHaveLength(tenants);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect(shares.reduce((sum, share) => sum + share)).toBeLessThan(PLACES);
      }),
    );
  });

  it('forgets who has left', () => {
    const load = new TenantLoad();
    for (let n = 0; n < 5; n++) load.enter('ten_a');
    expect(load.crowding(1)).toEqual(['ten_a']);
    load.leave('ten_a');
    load.leave('ten_a');
    expect(load.crowding(1)).toEqual([]);
    expect(load.crowding(0)).toEqual(['ten_a']);
    for (let n = 0; n < 3; n++) load.leave('ten_a');
    expect(load.crowding(0)).toEqual([]);
  });
});
