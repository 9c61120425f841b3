import { Injectable } from '@nestjs/common';
import { Readiness, Reply } from '@guildhall/core';
import { AppError, type RequestContext, ValidationError } from '@guildhall/sdk';
import { RunControl } from './run-control.service.js';
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

/** A run, and what becomes of it when the connection that waits for it breaks. */
export interface StartRequest extends StartRun {
  /** Default `continue`. */
  readonly onDisconnect?: 'continue' | 'cancel';
}

const CANCEL_WITHIN_MS = 10_000;

/** Starts a run and answers in the way the caller asked for: a stream, the finished run, or where to find it. */
@Injectable()
export class RunStarter {
  constructor(
    private readonly runs: RunService,
    private readonly streams: RunStreams,
    private readonly control: RunControl,
    private readonly readiness: Readiness,
  ) {}

  async start(
    ctx: RequestContext,
    { onDisconnect, ...input }: StartRequest,
    { stream, waitMs, isRepeat }: Wanted,
  ): Promise<Reply<RunDto> | Response> {
    const delivery: Delivery = stream ? 'stream' : waitMs === undefined ? 'background' : 'wait';
    if (onDisconnect === 'cancel' && delivery === 'background') throw nobodyStays();
    const { run, settled } = isRepeat ? await this.runs.started(ctx) : await this.runs.start(ctx, input, delivery);
    if (onDisconnect === 'cancel') whenLeft(ctx.signal, () => this.onLeft(ctx, run.id));
    if (stream) return this.streams.open(ctx, run, 0);
    const now = waitMs === undefined ? run : await settled(waitMs);
    return new Reply(toRunDto(now), { status: isTerminal(now.status) ? 200 : 202, location: runPath(run.id) });
  }

  /** A process that stops cuts connections too: its clients did not leave, and their runs go on elsewhere. */
  private async onLeft(ctx: RequestContext, runId: string): Promise<void> {
    if (this.readiness.draining) return;
    try {
      await this.control.cancel({ ...ctx, signal: AbortSignal.timeout(CANCEL_WITHIN_MS) }, runId);
    } catch (error) {
      // It has ended by itself, or was deleted, in the meantime.
      if (AppError.is(error) && (error.category === 'conflict' || error.category === 'not_found')) return;
      ctx.logger.error({ err: error, runId }, 'A run whose client left could not be cancelled');
    }
  }
}

function whenLeft(signal: AbortSignal, act: () => void): void {
  const onAbort = () => {
    // The request's time may also be up, and then its client is still there.
    if (AppError.is(signal.reason) && signal.reason.code === 'client_closed') act();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
}

const nobodyStays = () =>
  new ValidationError('This start waits for nothing that a disconnect could cut short', [
    {
      path: 'onDisconnect',
      code: 'no_connection',
      message: 'Send Accept: text/event-stream or Prefer: wait=N with it, or leave it out',
    },
  ]);
