import { Injectable } from '@nestjs/common';
import { Readiness } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { EventTail } from './event-tail.js';
import { eventStream } from './event-stream.js';

/** Opens event streams of runs for HTTP. */
@Injectable()
export class RunStreams {
  constructor(
    private readonly tail: EventTail,
    private readonly readiness: Readiness,
  ) {}

  open(ctx: RequestContext, run: { readonly id: string; readonly threadId: string }, after: number): Response {
    const shutdown = this.readiness.shutdownSignal;
    const signal = AbortSignal.any([ctx.signal, shutdown]);
    const pages = this.tail.follow(ctx, { runId: run.id, threadId: run.threadId, after, signal });
    return eventStream({ pages, shutdown, location: `/api/v1/runs/${run.id}/events` });
  }
}
