import type { PgBoss, Queue, QueueResult } from 'pg-boss';
import type { JobOptions } from '@guildhall/sdk';
import { type JobEnvelope, SYSTEM_TENANT } from './job-envelope.js';

/** A worker that is gone is noticed after this many seconds; its job runs again elsewhere. */
const HEARTBEAT_SECONDS = 15;
const DAY = 86_400;

/** Makes the queues that are missing and changes those whose options differ: nothing at all on most starts. */
export async function setUpQueues(boss: PgBoss, jobs: readonly JobOptions[]): Promise<void> {
  const existing = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
  // A queue that takes dead jobs must be there before the one they come from.
  for (const job of jobs.toSorted((a, b) => Number(a.deadLetter !== undefined) - Number(b.deadLetter !== undefined))) {
    const wanted = queueOptions(job);
    const found = existing.get(job.queue);
    if (!found) await boss.createQueue(job.queue, { ...wanted, policy: 'exclusive' });
    else if (differs(found, wanted)) await boss.updateQueue(job.queue, wanted);
  }
}

/** Starts what runs by the clock, and stops what no longer does. */
export async function setUpSchedules(boss: PgBoss, jobs: readonly JobOptions[]): Promise<void> {
  const existing = new Map((await boss.getSchedules()).map((schedule) => [schedule.name, schedule.cron]));
  for (const { queue, cron } of jobs) {
    if (cron === existing.get(queue)) continue;
    if (cron === undefined) await boss.unschedule(queue);
    else await boss.schedule(queue, cron, cronEnvelope(queue), { tz: 'UTC' });
  }
}

function queueOptions({ retries = 3, expireInSeconds = 300, deadLetter }: JobOptions) {
  return {
    notify: true,
    ...(deadLetter === undefined ? {} : { deadLetter }),
    retryLimit: retries,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    deleteAfterSeconds: 14 * DAY,
  } satisfies Omit<Queue, 'name'>;
}

function differs(found: QueueResult, wanted: ReturnType<typeof queueOptions>): boolean {
  return Object.entries(wanted).some(([key, value]) => found[key as keyof typeof wanted] !== value);
}

function cronEnvelope(queue: string): JobEnvelope {
  return { tenantId: SYSTEM_TENANT, requestId: `cron-${queue}`, data: {} };
}
