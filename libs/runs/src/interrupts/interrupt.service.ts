import { Injectable } from '@nestjs/common';
import { Audit, Cursors, Database, type Page } from '@guildhall/core';
import {
  ConflictError,
  type InterruptResponse,
  NotFoundError,
  type RequestContext,
  ValidationError,
} from '@guildhall/sdk';
import { RunRepository } from '../run.repository.js';
import type { InterruptListQuery } from './interrupt.dto.js';
import { type Interrupt, InterruptRepository } from './interrupt.repository.js';
import { refuseUnlessMayAnswer } from './may-answer.js';
import { faultsOf } from './response-schema.js';

/** Questions that runs have for people. */
@Injectable()
export class InterruptService {
  constructor(
    private readonly database: Database,
    private readonly interrupts: InterruptRepository,
    private readonly runs: RunRepository,
    private readonly cursors: Cursors,
    private readonly audit: Audit,
  ) {}

  async get(ctx: RequestContext, id: string): Promise<Interrupt> {
    const interrupt = await this.interrupts.find(this.database.manager, ctx, id);
    if (!interrupt) throw new NotFoundError('interrupt', id);
    return interrupt;
  }

  async list(ctx: RequestContext, query: InterruptListQuery): Promise<Page<Interrupt>> {
    const filter = { status: query.status, runId: query.runId };
    const { manager } = this.database;
    const rows = await this.interrupts.list(manager, ctx, filter, this.cursors.read(ctx, 'interrupts', query, filter));
    const total = query.total ? await this.interrupts.count(manager, ctx, filter) : undefined;
    return this.cursors.page(ctx, 'interrupts', query, rows, filter, total);
  }

  /** The first answer counts, every other is a conflict. */
  async respond(ctx: RequestContext, id: string, response: InterruptResponse): Promise<Interrupt> {
    const interrupt = await this.get(ctx, id);
    refuseUnlessMayAnswer(ctx, interrupt);
    refuseUnlessPending(interrupt);
    const faults = await faultsOf(interrupt.kind, interrupt.responseSchema, response);
    if (faults.length > 0) throw new ValidationError('The answer does not fit the question', faults);
    const taken = await this.database.transaction(ctx, async (tx) => {
      if (!(await this.interrupts.answer(tx, ctx, interrupt, response))) return false;
      await this.interrupts.resume(tx, ctx, interrupt, response);
      const { runId, kind, toolCall } = interrupt;
      const detail = { runId, kind, decision: response.decision, ...(toolCall ? { tool: toolCall.tool } : {}) };
      await this.audit.record(ctx, tx, 'interrupt.answered', { id, detail });
      return true;
    });
    const now = await this.get(ctx, id);
    if (!taken) refuseUnlessPending(now);
    return now;
  }

  /** Answers the one question that a run waits with. */
  async resume(ctx: RequestContext, runId: string, response: InterruptResponse): Promise<void> {
    const run = await this.runs.get(ctx, runId);
    const pending = await this.interrupts.pendingOf(this.database.manager, ctx, runId);
    const [only] = pending;
    if (!only) throw new ConflictError('run_not_waiting', `Run '${runId}' is ${run.status} and waits for no answer`);
    if (pending.length > 1) {
      const ids = pending.map(({ id }) => id).join(', ');
      throw new ConflictError(
        'interrupt_ambiguous',
        `Run '${runId}' waits for ${pending.length} answers: respond to ${ids}`,
      );
    }
    await this.respond(ctx, only.id, response);
  }
}

function refuseUnlessPending({ id, status }: Interrupt): void {
  if (status === 'pending') return;
  if (status === 'expired')
    throw new ConflictError('interrupt_expired', `The time to answer interrupt '${id}' is over`);
  throw new ConflictError('interrupt_already_answered', `Interrupt '${id}' is ${status} already`);
}
