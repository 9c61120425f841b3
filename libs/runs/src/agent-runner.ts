import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@guildhall/core';
import {
  AGENT_CATALOG,
  type AgentCatalog,
  type AgentRunRequest,
  type AgentRunResult,
  type AgentRunSignal,
  type AgentRunner,
  AppError,
  type RequestContext,
  type RunnableAgent,
  ValidationError,
} from '@guildhall/sdk';
import { said } from './agent-run-history.js';
import { RunSpeech } from './agent-run-speech.js';
import { fromStoredError } from './engine/stored-error.js';
import { InterruptRepository } from './interrupts/interrupt.repository.js';
import { RunControl } from './run-control.service.js';
import { RunService, type StartedRun } from './run.service.js';
import { type Run, isTerminal } from './run.js';
import { EventTail } from './streaming/event-tail.js';
import { ThreadService } from './threads/thread.service.js';

/** How long one look at a run that works may take; then comes the next. */
const LOOK_MS = 60_000;

/** Runs agents on the engine for surfaces that know neither runs nor threads. */
@Injectable()
export class AgentRunnerService implements AgentRunner {
  constructor(
    @Inject(AGENT_CATALOG) private readonly agents: AgentCatalog,
    private readonly threads: ThreadService,
    private readonly runs: RunService,
    private readonly control: RunControl,
    private readonly tail: EventTail,
    private readonly interrupts: InterruptRepository,
    private readonly database: Database,
  ) {}

  list(ctx: RequestContext): Promise<readonly RunnableAgent[]> {
    return this.agents.runnable(ctx);
  }

  async run(
    ctx: RequestContext,
    request: AgentRunRequest,
    onSignal?: (signal: AgentRunSignal) => void,
  ): Promise<AgentRunResult> {
    const started = await this.start(ctx, request, onSignal !== undefined);
    try {
      ctx.signal.throwIfAborted();
      if (onSignal) await this.listen(ctx, started.run, onSignal);
      return await this.result(ctx, started);
    } catch (error) {
      if (ctx.signal.aborted) await this.cancel(ctx, started.run.id);
      throw error;
    }
  }

  private async start(ctx: RequestContext, request: AgentRunRequest, stream: boolean): Promise<StartedRun> {
    const { userId, input, continues } = request;
    const agentId = await this.agents.idOf(ctx, request.agentName);
    if (request.jsonAskedBy !== undefined) await this.checkForm(ctx, agentId, request.jsonAskedBy);
    const user = userId === undefined ? {} : { userId };
    const before = said(request.history);
    const delivery = stream ? 'stream' : 'wait';
    if (continues) {
      const threadId = await this.threads.after(ctx, continues, before);
      return this.runs.start(ctx, { agentId, threadId, input, context: user, onBusy: 'reject' }, delivery);
    }
    // Nothing was said before: the thread is made with the run, in one statement.
    const thread = before.length > 0 ? { threadId: (await this.threads.createWith(ctx, user, before)).id } : {};
    return this.runs.start(ctx, { agentId, ...thread, input, context: user }, delivery);
  }

  private async checkForm(ctx: RequestContext, agentId: string, path: string): Promise<void> {
    const { definition } = await this.agents.resolve(ctx, agentId);
    if (definition.outputSchema) return;
    const message = `An agent answers in the form of its own outputSchema: give it one, or leave ${path} out`;
    throw new ValidationError(message, [{ path, code: 'unsupported_parameter', message }], 'unsupported_parameter');
  }

  /** Until the run rests. */
  private async listen(ctx: RequestContext, run: Run, onSignal: (signal: AgentRunSignal) => void): Promise<void> {
    const speech = new RunSpeech(onSignal);
    const options = { runId: run.id, threadId: run.threadId, after: 0, signal: ctx.signal };
    for await (const page of this.tail.follow(ctx, options)) {
      for (const event of page) speech.take(event);
      if (speech.isOver) return;
    }
    ctx.signal.throwIfAborted();
  }

  private async result(ctx: RequestContext, { settled }: StartedRun): Promise<AgentRunResult> {
    for (;;) {
      const { id: runId, threadId, usage, ...run } = await settled(LOOK_MS);
      if (run.status === 'succeeded') {
        return { runId, threadId, usage, outcome: { status: 'succeeded', output: run.output! } };
      }
      if (run.error) throw fromStoredError(run.error);
      if (isTerminal(run.status)) throw new AppError('internal', 'internal_error', `Run '${runId}' ${run.status}`);
      if (run.status !== 'waiting' && run.status !== 'needs_attention') continue;
      const pending = await this.interrupts.pendingOf(this.database.manager, ctx, runId);
      const prompt = pending.map((interrupt) => interrupt.prompt).join('\n');
      return { runId, threadId, usage, outcome: { status: 'waiting', prompt } };
    }
  }

  /** Nobody reads the answer any more. The caller's signal has ended, the cancellation has not. */
  private async cancel(ctx: RequestContext, runId: string): Promise<void> {
    try {
      await this.control.cancel({ ...ctx, signal: AbortSignal.timeout(LOOK_MS) }, runId);
    } catch (error) {
      // It ended by itself in the meantime.
      if (AppError.is(error) && error.code === 'run_already_finished') return;
      ctx.logger.warn({ err: error, runId }, 'The run of a caller that left could not be cancelled');
    }
  }
}
