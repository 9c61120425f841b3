import type { PgBoss, Queue } from 'pg-boss';
import type { JobOptions } from '@guildhall/sdk';
import { setUpQueues, setUpSchedules } from './queue-setup.js';

/** Keeps queues and schedules as pg-boss would, and notes what was changed. */
class FakeBoss {
  readonly queues = new Map<string, object>();
  readonly schedules = new Map<string, string>();
  changes: string[] = [];

  async getQueues() {
    return [...this.queues].map(([name, options]) => ({ name, ...options }));
  }
  async createQueue(name: string, options: Omit<Queue, 'name'>) {
    this.queues.set(name, options);
    this.changes.push(`create ${name}`);
  }
  async updateQueue(name: string, options: object) {
    this.queues.set(name, { ...this.queues.get(name), ...options });
    this.changes.push(`update ${name}`);
  }
  async getSchedules() {
    return [...this.schedules].map(([name, cron]) => ({ name, cron }));
  }
  async schedule(name: string, cron: string) {
    this.schedules.set(name, cron);
    this.changes.push(`schedule ${name}`);
  }
  async unschedule(name: string) {
    this.schedules.delete(name);
    this.changes.push(`unschedule ${name}`);
  }
}

describe('setting up queues', () => {
  const setUp = async (fake: FakeBoss, ...jobs: JobOptions[]) => {
    fake.changes = [];
    const boss = fake as unknown as PgBoss;
    await setUpQueues(boss, jobs);
    await setUpSchedules(boss, jobs);
    return fake.changes;
  };

  it('makes what is missing, and nothing on the next start', async () => {
    const boss = new FakeBoss();
    const jobs: JobOptions[] = [{ queue: 'a' }, { queue: 'b', retries: 0, cron: '0 3 * * *' }];
    expect(await setUp(boss, ...jobs)).toEqual(['create a', 'create b', 'schedule b']);
    expect(await setUp(boss, ...jobs)).toEqual([]);
    expect(boss.queues.get('a')).toMatchObject({
      notify: true,
      retryLimit: 3,
      retryBackoff: true,
      policy: 'exclusive',
    });
    expect(boss.queues.get('b')).toMatchObject({ retryLimit: 0, expireInSeconds: 300 });
  });

  it('makes a queue for dead jobs before the one they come from', async () => {
    const boss = new FakeBoss();
    expect(await setUp(boss, { queue: 'a', deadLetter: 'z' }, { queue: 'z' })).toEqual(['create z', 'create a']);
    expect(boss.queues.get('a')).toMatchObject({ deadLetter: 'z' });
  });

  it('follows options that a new release has changed', async () => {
    const boss = new FakeBoss();
    await setUp(boss, { queue: 'a', cron: '0 3 * * *' });
    expect(await setUp(boss, { queue: 'a', cron: '0 4 * * *', expireInSeconds: 600 })).toEqual([
      'update a',
      'schedule a',
    ]);
    expect(await setUp(boss, { queue: 'a', expireInSeconds: 600 })).toEqual(['unschedule a']);
  });
});
