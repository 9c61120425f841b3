import { fromJobId, newJobUuid, toJobId } from './job-id.js';

describe('job ids', () => {
  it('are UUIDs of version 7 that sort by time', () => {
    const ids = [1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000].map((now) => newJobUuid(now));
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('come back from their public form, and nothing else does', () => {
    const uuid = newJobUuid();
    expect(fromJobId(toJobId(uuid))).toBe(uuid);
    for (const bad of [uuid, 'job_', 'job_x', `run_${uuid}`, `job_${uuid}'`, `job_${uuid.toUpperCase()}x`]) {
      expect(fromJobId(bad)).toBeUndefined();
    }
  });
});
