import { Global, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { PgBoss } from 'pg-boss';
import {
  JOB_QUEUE,
  type JobHandlerContract,
  type JobOptions,
  type JobQueue,
  type RequestContext,
} from '@guildhall/sdk';
import { CONTRIBUTIONS, type Contributions } from '../../libs/core/src/plugins/contributions.js';
import { Settings } from '../../libs/core/src/config/settings.js';
import { Database } from '../../libs/core/src/database/database.js';
import { DatabaseModule } from '../../libs/core/src/database/database.module.js';
import { HealthRegistry } from '../../libs/core/src/health/health-registry.js';
import { Cursors, PageQuery } from '../../libs/core/src/http/pagination.js';
import { JobMetrics } from '../../libs/core/src/jobs/job-metrics.js';
import { fromJobId } from '../../libs/core/src/jobs/job-id.js';
import { JobService } from '../../libs/core/src/jobs/job.service.js';
import type { Job, JobState } from '../../libs/core/src/jobs/job.js';
import { JobsModule } from '../../libs/core/src/jobs/jobs.module.js';
import { JobQueue1763700010001 } from '../../libs/core/src/jobs/migrations/0001-job-queue.js';
import { WaitingJobsOfTenants1763700010002 } from '../../libs/core/src/jobs/migrations/0002-waiting-jobs-of-tenants.js';
import { Shutdown } from '../../libs/core/src/lifecycle/shutdown.js';
import { SigningKey } from '../../libs/core/src/security/signing-key.js';
import { LOGGER } from '../../libs/core/src/telemetry/logger.js';
import { Metrics } from '../../libs/core/src/telemetry/metrics.js';
import { currentLogFields } from '../../libs/core/src/telemetry/log-context.js';
import { type TestDatabase, testDatabase } from '@guildhall/testing';

type Handle = JobHandlerContract<{ n?: number }>['handle'];

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const contextOf = (tenantId: string): RequestContext => ({
  tenantId,
  actor: { kind: 'api-key', id: 'key', scopes: ['*'] },
  requestId: `req-${tenantId}`,
  signal: new AbortController().signal,
  logger: silent,
});
const ctx = contextOf('acme');

/** What a handler saw, and a way to wait for it. */
function probe() {
  let arrived: (value: { ctx: RequestContext; data: unknown; attempt: number; id: string }) => void = () => {};
  const seen = new Promise<{ ctx: RequestContext; data: unknown; attempt: number; id: string }>((r) => (arrived = r));
  return { seen, arrived };
}

describe('jobs', () => {
  const handlers = new Map<string, { options: JobOptions; handle: Handle }>();
  let testing: TestDatabase;
  let app: TestingModule;
  let jobs: JobQueue;
  let service: JobService;
  let database: Database;

  const define = (options: JobOptions, handle: Handle) => handlers.set(options.queue, { options, handle });
  const contribution = (queue: string) => {
    const found = handlers.get(queue);
    return found && { kind: 'job-handler', name: queue, pluginId: 'test', options: found.options, instance: found };
  };

  beforeAll(async () => {
    for (const queue of ['plain', 'rolled-back', 'single', 'listed']) define({ queue }, async () => {});
    define({ queue: 'waiting', concurrency: 1 }, async () => {});
    define({ queue: 'failing', retries: 0 }, () => Promise.reject(new Error('SELECT secret FROM x')));
    define({ queue: 'flaky', retries: 1 }, async () => {});
    define({ queue: 'long', retries: 0 }, async () => {});
    define({ queue: 'stopped', retries: 0 }, async () => {});
    define({ queue: 'buried', retries: 0, deadLetter: 'grave' }, () => Promise.reject(new Error('no')));
    define({ queue: 'grave' }, async () => {});
    for (const queue of ['left', 'away']) define({ queue }, async () => {});
    for (const queue of ['shared', 'crowded', 'urgent']) define({ queue, concurrency: 1 }, async () => {});
    define({ queue: 'by-clock', cron: '0 3 * * *' }, async () => {});

    const migrations = [JobQueue1763700010001, WaitingJobsOfTenants1763700010002];
    testing = await testDatabase({ migrations });
    const settings = Object.assign(new Settings(), {
      NODE_ENV: 'test',
      DATABASE_POOL_MIN: 1,
      DATABASE_POOL_SIZE: 10,
      DATABASE_POOL_OVERFLOW: 5,
      BREAKER_FAILURES: 5,
      BREAKER_OPEN_MS: 60_000,
      RUN_WORKERS: true,
      SHUTDOWN_GRACE_MS: 5_000,
      ...testing.settings,
    });
    const providers = [
      { provide: Settings, useValue: settings },
      { provide: LOGGER, useValue: silent },
      {
        provide: CONTRIBUTIONS,
        useValue: {
          list: () => [...handlers.keys()].map(contribution),
          find: (_: string, name: string) => contribution(name),
        },
      },
      { provide: Shutdown, useValue: { beforeClose() {} } },
      { provide: SigningKey, useValue: new SigningKey('a'.repeat(44)) },
      Metrics,
      HealthRegistry,
      Cursors,
    ];
    @Global()
    @Module({ providers, exports: providers.map((each) => ('provide' in each ? each.provide : each)) })
    class Surroundings {}
    app = await Test.createTestingModule({
      imports: [Surroundings, DatabaseModule.forRoot({ migrations }), JobsModule],
    }).compile();
    await app.init();
    jobs = app.get(JOB_QUEUE);
    service = app.get(JobService);
    database = app.get(Database);
    await app.get(JobsModule).init();
    await app.get(JobsModule).ready();
  });
  afterAll(async () => {
    await app?.get(JobsModule).stop(AbortSignal.timeout(2_000));
    await app?.close();
    await testing?.close();
  });

  const enqueue = (queue: string, data: object = {}, more: object = {}, by = ctx) =>
    database.transaction(by, (tx) => jobs.enqueue(by, tx, { queue, data, ...more }));
  const until = async (id: string, ...states: JobState[]): Promise<Job> => {
    for (;;) {
      const job = await service.get(ctx, id);
      if (states.includes(job.state)) return job;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const query = (more: object) => Object.assign(new PageQuery(), more);

  it('wakes a worker at once, without waiting for the next poll', async () => {
    const waits: number[] = [];
    // The first finds every queue's workers starting, and is not counted.
    for (let i = -1; i < 5; i++) {
      const { seen, arrived } = probe();
      define({ queue: 'plain' }, async (ctx, data, job) => arrived({ ctx, data, ...job }));
      const from = performance.now();
      await enqueue('plain');
      await seen;
      if (i >= 0) waits.push(performance.now() - from);
    }
    // Five polls of two seconds would take five on average; a busy machine may delay one or the other.
    expect(Math.min(...waits)).toBeLessThan(200);
    expect(waits.reduce((sum, wait) => sum + wait)).toBeLessThan(3_000);
  });

  it('hands a committed job to its handler, with its tenant, request and log fields', async () => {
    const { seen, arrived } = probe();
    let fields: unknown;
    define({ queue: 'plain' }, async (ctx, data, job) => {
      fields = currentLogFields();
      arrived({ ctx, data, ...job });
    });
    const id = await enqueue('plain', { n: 1 });
    const job = await seen;
    expect(job).toMatchObject({
      id,
      data: { n: 1 },
      attempt: 1,
      ctx: { tenantId: 'acme', requestId: 'req-acme', actor: { kind: 'system' } },
    });
    expect(fields).toEqual({ requestId: 'req-acme', tenantId: 'acme', jobId: id });
    expect(await until(id, 'completed')).toMatchObject({ attempts: 1, finishedAt: expect.any(Date) });
  });

  it('hands a dead job to the queue for the dead, with its tenant and data', async () => {
    const { seen, arrived } = probe();
    define({ queue: 'grave' }, async (ctx, data, job) => arrived({ ctx, data, ...job }));
    const first = await enqueue('buried', { n: 1 });
    await enqueue('buried', { n: 2 });
    expect(await until(first, 'dead')).toMatchObject({ attempts: 1 });
    expect(await seen).toMatchObject({ data: { n: expect.any(Number) }, ctx: { tenantId: 'acme' } });
  });

  it('runs again what a process that is gone has left, within seconds', async () => {
    const { seen, arrived } = probe();
    define({ queue: 'left' }, async (ctx, data, job) => arrived({ ctx, data, ...job }));
    await database.transaction(ctx, async (tx) => {
      const id = await jobs.enqueue(ctx, tx, { queue: 'left', data: { n: 7 } });
      await tx.query(
        `UPDATE pgboss.job SET state = 'active', started_on = now(), heartbeat_on = now() - interval '1 minute'
         WHERE name = 'left' AND id = $1`,
        [fromJobId(id)],
      );
    });
    expect(await seen).toMatchObject({ data: { n: 7 }, attempt: 2 });
  });

  describe('of several tenants', () => {
    /** Holds the queue's one worker with a job of nobody until `enqueueAll` is done; then the order that jobs come in. */
    async function order(queue: string, enqueueAll: () => Promise<unknown>): Promise<string[]> {
      const at: string[] = [];
      let release: () => void = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      const { seen, arrived } = probe();
      define({ queue, concurrency: 1 }, async (ctx, data, job) => {
        if (ctx.tenantId !== 'nobody') return void at.push(ctx.tenantId);
        arrived({ ctx, data, ...job });
        await held;
      });
      await enqueue(queue, {}, {}, contextOf('nobody'));
      await seen;
      await enqueueAll();
      const [{ waiting }] = await database.manager.query<[{ waiting: number }]>(
        `SELECT count(*)::int AS waiting FROM pgboss.job WHERE name = $1 AND state < 'active'`,
        [queue],
      );
      release();
      while (at.length < waiting) await new Promise((resolve) => setTimeout(resolve, 20));
      return at;
    }
    const many = (queue: string, tenant: string, count: number, more: object = {}) =>
      database.transaction(contextOf(tenant), async (tx) => {
        for (let n = 0; n < count; n++) await jobs.enqueue(contextOf(tenant), tx, { queue, data: {}, ...more });
      });

    it('takes them in turn, however much one has waiting', async () => {
      const at = await order('shared', async () => {
        await many('shared', 'great', 100);
        await many('shared', 'small', 1);
        await many('shared', 'other', 20);
      });
      expect(at.indexOf('small')).toBeLessThan(3);
      // While both have some waiting, one of each comes, whoever came first.
      expect(at.slice(0, 41).filter((tenant) => tenant === 'other')).toHaveLength(20);
    }, 30_000);

    it('gives no two turns at once to one that sends all of it at the same moment', async () => {
      const at = await order('crowded', async () => {
        await Promise.all(Array.from({ length: 30 }, () => enqueue('crowded', {}, {}, contextOf('great'))));
        await enqueue('crowded', {}, {}, contextOf('small'));
      });
      expect(at.indexOf('small')).toBeLessThan(2);
    }, 30_000);

    it('lets none who comes new pass all of those that have waited for long', async () => {
      const at = await order('shared', async () => {
        await many('shared', 'old', 40);
        await database.manager.query(
          `DELETE FROM pgboss.job WHERE name = 'shared' AND state < 'active' AND priority > -20`,
        );
        await many('shared', 'new', 20);
      });
      expect(at.slice(0, 10).filter((tenant) => tenant === 'old')).toHaveLength(5);
    }, 30_000);

    it('takes what is more urgent first, in turn as well', async () => {
      const at = await order('urgent', async () => {
        await many('urgent', 'great', 5);
        await many('urgent', 'great', 5, { priority: 1 });
        await many('urgent', 'small', 1, { priority: 1 });
        await many('urgent', 'late', 1, { priority: -1 });
      });
      expect(at.indexOf('small')).toBeLessThan(2);
      expect(at.indexOf('late')).toBe(11);
    }, 30_000);
  });

  it('has no job when the transaction rolls back', async () => {
    let id = '';
    const failing = database.transaction(ctx, async (tx) => {
      id = await jobs.enqueue(ctx, tx, { queue: 'rolled-back', data: {} });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await expect(service.get(ctx, id)).rejects.toMatchObject({ code: 'job_not_found' });
  });

  it('keeps one unfinished job a key, per tenant', async () => {
    const later = { startAfterSeconds: 600, singletonKey: 'k' };
    const first = await enqueue('single', {}, later);
    expect(await enqueue('single', {}, later)).toBe(first);
    expect(await enqueue('single', {}, later, contextOf('other'))).not.toBe(first);
    expect(await enqueue('single', {}, { startAfterSeconds: 600 })).not.toBe(first);
  });

  it('keeps a job that failed for good as a dead letter, without its stack or SQL', async () => {
    const id = await enqueue('failing', {});
    const job = await until(id, 'dead');
    expect(job).toMatchObject({ attempts: 1, error: { code: 'internal_error' } });
    expect(JSON.stringify(job)).not.toContain('secret');
    const page = await service.list(ctx, query({ state: 'dead', queue: 'failing' }));
    expect(page.items.map((each) => each.id)).toEqual([id]);
  });

  it('tries again after a failure, and runs a dead job again when asked', async () => {
    let attempts = 0;
    define({ queue: 'flaky', retries: 1 }, async () => {
      if (++attempts < 3) throw new Error('not yet');
    });
    const id = await enqueue('flaky');
    expect((await until(id, 'dead')).attempts).toBe(2);
    expect((await service.retry(ctx, id)).state).toBe('retrying');
    expect((await until(id, 'completed')).attempts).toBe(3);
    await expect(service.retry(ctx, id)).rejects.toMatchObject({ code: 'job_not_retryable' });
  }, 20_000);

  it('shows nobody the jobs of another tenant', async () => {
    const id = await enqueue('waiting', {}, { startAfterSeconds: 600 });
    const other = contextOf('other');
    for (const act of [service.get(other, id), service.cancel(other, id), service.retry(other, id)]) {
      await expect(act).rejects.toMatchObject({ code: 'job_not_found' });
    }
    expect((await service.list(other, query({ queue: 'waiting' }))).items).toEqual([]);
    await expect(service.get(ctx, 'job_nonsense')).rejects.toMatchObject({ code: 'job_not_found' });
  });

  it('lists newest first, page by page', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(await enqueue('listed', {}, { startAfterSeconds: 600 }));
    const first = await service.list(ctx, query({ queue: 'listed', limit: 3, total: true }));
    expect(first.pagination).toMatchObject({ hasMore: true, total: 5 });
    const second = await service.list(ctx, query({ queue: 'listed', limit: 3, cursor: first.pagination.nextCursor }));
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
  });

  it('cancels a waiting job for good, and a finished one not', async () => {
    const id = await enqueue('waiting', {}, { startAfterSeconds: 600 });
    expect((await service.cancel(ctx, id)).state).toBe('cancelled');
    expect((await service.cancel(ctx, id)).state).toBe('cancelled');
    const done = await enqueue('failing');
    await until(done, 'dead');
    await expect(service.cancel(ctx, done)).rejects.toMatchObject({ code: 'job_already_finished' });
  });

  it('counts the jobs that are due and wait, of the queues that somebody works on', async () => {
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    define({ queue: 'waiting', concurrency: 1 }, () => (entered.resolve(), gate.promise));
    const first = await enqueue('waiting');
    await entered.promise;
    const second = await enqueue('waiting');
    await enqueue('waiting', {}, { startAfterSeconds: 3_600 });
    const metrics = new Metrics();
    const contributions = { list: () => [{ options: { queue: 'waiting' } }] } as unknown as Contributions;
    new JobMetrics(metrics, database, contributions).observe();
    expect(await metrics.registry.metrics()).toMatch(/^jobs_waiting 1$/m);
    gate.resolve();
    for (const id of [first, second]) await until(id, 'completed');
  });

  it('leaves the jobs of a plugin that is disabled in their queue, and works them off when it is back', async () => {
    const left = new Promise<void>((resolve) => {
      const boss = app.get(PgBoss);
      const offWork = boss.offWork.bind(boss);
      jest.spyOn(boss, 'offWork').mockImplementationOnce((queue, options) => offWork(queue, options).then(resolve));
    });
    const handler = handlers.get('away')!;
    handlers.delete('away');
    await left;
    const id = await enqueue('away');
    expect(await until(id, 'queued')).toMatchObject({ attempts: 0 });
    handlers.set('away', handler);
    expect(await until(id, 'completed')).toMatchObject({ attempts: 1 });
  });

  it('tells a job at work when it is cancelled', async () => {
    const { seen, arrived } = probe();
    let told: () => void = () => {};
    const stopped = new Promise<void>((resolve) => (told = resolve));
    define({ queue: 'long', retries: 0 }, async (ctx, data, job) => {
      arrived({ ctx, data, ...job });
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
      told();
    });
    const id = await enqueue('long');
    await seen;
    expect((await service.cancel(ctx, id)).state).toBe('cancelled');
    await stopped;
    expect((await service.get(ctx, id)).state).toBe('cancelled');
  }, 15_000);

  it('has a schedule for a handler with a cron expression', async () => {
    const rows = await database.manager.query(`SELECT name, cron, timezone FROM pgboss.schedule`);
    expect(rows).toEqual([{ name: 'by-clock', cron: '0 3 * * *', timezone: 'UTC' }]);
  });

  // The last one: it stops the runner.
  it('lets a job at work end when the process stops, and tells it so when time is up', async () => {
    const { seen, arrived } = probe();
    define({ queue: 'stopped', retries: 0 }, (ctx, data, job) => {
      arrived({ ctx, data, ...job });
      return new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('told to stop'))));
    });
    const id = await enqueue('stopped');
    await seen;
    const timeIsUp = new AbortController();
    const stopping = app.get(JobsModule).stop(timeIsUp.signal);
    const early = await Promise.race([
      stopping.then(() => 'stopped'),
      new Promise((r) => setTimeout(r, 100, 'at work')),
    ]);
    expect(early).toBe('at work');
    timeIsUp.abort();
    await stopping;
    // Stopping is no failure: although it had no retries left, it will run again.
    expect((await service.get(ctx, id)).state).toBe('retrying');
  }, 15_000);
});
