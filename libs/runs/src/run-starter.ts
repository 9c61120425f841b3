import { Injectable } from '@nestjs/common';
import { Reply } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { type RunDto, runPath, toRunDto } from './run.dto.js';
import { type Delivery, RunService, type StartRun } from './run.service.js';
import { isTerminal } from './run.js';
import { RunStreams } from './streaming/run-streams.js';

export interface Wanted {
  readonly stream: boolean;
  /** Of `Prefer: wait`. */
  readonly waitMs: number | undefined;
  /** Of a start that was streamed before: nothing starts again, whichever way is asked for now. */
  readonly isRepeat: boolean;
}

/** Starts a run and answers in the way the caller asked for: a stream, the finished run, or where to find it. */
@Injectable()
export class RunStarter {
  constructor(
    private readonly runs: RunService,
    private readonly streams: RunStreams,
  ) {}

  async start(
    ctx: RequestContext,
    input: StartRun,
    { stream, waitMs, isRepeat }: Wanted,
  ): Promise<Reply<RunDto> | Response> {
    const delivery: Delivery = stream ? 'stream' : waitMs === undefined ? 'background' : 'wait';
    const { run, settled } = isRepeat ? await this.runs.started(ctx) : await this.runs.start(ctx, input, delivery);
    if (stream) return this.streams.open(ctx, run, 0);
    const now = waitMs === undefined ? run : await settled(waitMs);
    return new Reply(toRunDto(now), { status: isTerminal(now.status) ? 200 : 202, location: runPath(run.id) });
  }
}
