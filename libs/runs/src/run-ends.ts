import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, traceOf } from '@guildhall/core';
import { EVENT_BUS, type EventBus, type Logger } from '@guildhall/sdk';
import type { EndedRun } from './ended-run.js';
import { RunMetrics } from './run-metrics.js';

/** Tells that a run is over: told once, by the process that ended it, when that is committed. */
@Injectable()
export class RunEnds {
  constructor(
    private readonly metrics: RunMetrics,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  tell(run: EndedRun): void {
    const { startedAt, finishedAt } = run;
    // By the database's clock, both of them.
    const durationMs = startedAt ? Math.max(0, finishedAt.getTime() - startedAt.getTime()) : undefined;
    this.metrics.ended(run, durationMs);
    this.logger.info(lineOf(run, durationMs), 'Run ended');
    this.emit(run);
  }

  private emit({ id, tenantId, threadId, agentId, status, error, ...run }: EndedRun): void {
    const data = { runId: id, threadId, agentId };
    const origin = { source: 'runs', tenantId, ...traceOf(run.origin) };
    if (status === 'failed') this.events.emit('run.failed', { ...data, code: error?.code ?? 'internal_error' }, origin);
    else this.events.emit(status === 'succeeded' ? 'run.succeeded' : 'run.cancelled', data, origin);
  }
}

/** Who, what and how much. An error's words may quote what was said, so its code stands for it. */
function lineOf(run: EndedRun, durationMs: number | undefined) {
  const { id, tenantId, agentId, agentVersion, status, error, usage, steps, origin } = run;
  return {
    runId: id,
    tenantId,
    agentId,
    agentVersion,
    status,
    ...(error === undefined ? {} : { code: error.code }),
    durationMs,
    steps,
    ...usage,
    requestId: origin.requestId,
    traceId: traceOf(origin).traceId,
  };
}
