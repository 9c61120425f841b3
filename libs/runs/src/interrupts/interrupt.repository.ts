import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Keyset, ListedRows } from '@guildhall/core';
import type { Answerer, InterruptKind, InterruptResponse, RequestContext, ToolCall } from '@guildhall/sdk';

export const INTERRUPT_STATUSES = ['pending', 'answered', 'expired', 'cancelled'] as const;
export type InterruptStatus = (typeof INTERRUPT_STATUSES)[number];

export interface Interrupt {
  readonly id: string;
  readonly runId: string;
  readonly key: string;
  readonly kind: InterruptKind;
  readonly prompt: string;
  readonly toolCall: ToolCall | null;
  readonly responseSchema: Record<string, unknown>;
  readonly status: InterruptStatus;
  readonly response: InterruptResponse | null;
  readonly by: Answerer;
  /** The actor that started the run. */
  readonly startedBy: string | null;
  readonly respondedBy: string | null;
  readonly respondedAt: Date | null;
  readonly expiresAt: Date;
  /** By the database's clock. */
  readonly isExpired: boolean;
}

export interface InterruptFilter {
  readonly status: InterruptStatus;
  readonly runId?: string;
}

const INTERRUPT = `id, run_id AS "runId", key, kind, prompt, tool_call AS "toolCall", response_schema AS "responseSchema",
  CASE WHEN status = 'pending' AND expires_at < now() THEN 'expired' ELSE status END AS status, response,
  answer_by AS "by", responded_by AS "respondedBy", responded_at AS "respondedAt",
  (SELECT r.origin #>> '{actor,id}' FROM runs r WHERE r.id = run_id AND r.tenant_id = interrupts.tenant_id) AS "startedBy",
  expires_at AS "expiresAt", expires_at < now() AS "isExpired"`;

/** As `INTERRUPT` shows it: a question whose time is over has expired, whether or not a sweep has noted it. */
const HAS_STATUS = {
  pending: `status = 'pending' AND expires_at >= now()`,
  answered: `status = 'answered'`,
  expired: `(status = 'expired' OR status = 'pending' AND expires_at < now())`,
  cancelled: `status = 'cancelled'`,
} satisfies Record<InterruptStatus, string>;

const matching = (status: InterruptStatus): string =>
  `FROM interrupts WHERE tenant_id = $1 AND ${HAS_STATUS[status]} AND ($2::text IS NULL OR run_id = $2)`;

@Injectable()
export class InterruptRepository {
  async find(tx: EntityManager, ctx: RequestContext, id: string): Promise<Interrupt | undefined> {
    const text = `SELECT ${INTERRUPT} FROM interrupts WHERE id = $1 AND tenant_id = $2`;
    return (await tx.query<Interrupt[]>(text, [id, ctx.tenantId]))[0];
  }

  async pendingOf(tx: EntityManager, ctx: RequestContext, runId: string): Promise<Interrupt[]> {
    const text = `SELECT ${INTERRUPT} FROM interrupts WHERE run_id = $1 AND tenant_id = $2 AND status = 'pending'`;
    return tx.query(text, [runId, ctx.tenantId]);
  }

  /** Newest first. */
  list(
    tx: EntityManager,
    ctx: RequestContext,
    { status, runId }: InterruptFilter,
    { limit, before }: Keyset,
  ): Promise<ListedRows<Interrupt>> {
    const select = `SELECT ${INTERRUPT} ${matching(status)} AND ($3::text IS NULL OR id < $3) ORDER BY id DESC`;
    return ListedRows.read(tx, select, [ctx.tenantId, runId ?? null, before ?? null], { limit });
  }

  async count(tx: EntityManager, ctx: RequestContext, { status, runId }: InterruptFilter): Promise<number> {
    const text = `SELECT count(*)::int AS total ${matching(status)}`;
    return (await tx.query<{ total: number }[]>(text, [ctx.tenantId, runId ?? null]))[0]!.total;
  }

  /** True for exactly one of any number of answers. Locks the run before its question, as whoever ends a run does. */
  async answer(
    tx: EntityManager,
    ctx: RequestContext,
    { id, runId }: Pick<Interrupt, 'id' | 'runId'>,
    response: InterruptResponse,
  ): Promise<boolean> {
    const [rows] = await tx.query<[unknown[]]>(
      `WITH asking AS MATERIALIZED (SELECT id FROM runs WHERE id = $5 AND tenant_id = $2 FOR UPDATE)
       UPDATE interrupts i SET status = 'answered', response = $3, responded_by = $4, responded_at = now()
       FROM asking WHERE i.id = $1 AND i.run_id = asking.id AND i.tenant_id = $2 AND i.status = 'pending'
         AND i.expires_at >= now() RETURNING 1`,
      [id, ctx.tenantId, JSON.stringify(response), ctx.actor.id, runId],
    );
    return rows.length > 0;
  }

  /** The run learns of the answer: a resting one goes back to the queue, one at work will look once more before it rests. */
  async resume(
    tx: EntityManager,
    ctx: RequestContext,
    interrupt: Interrupt,
    response: InterruptResponse,
  ): Promise<void> {
    const [rows] = await tx.query<[{ last_seq: number }[]]>(
      `UPDATE runs SET answers = answers + 1, last_seq = last_seq + 1, error = NULL,
         status = CASE WHEN status IN ('waiting', 'needs_attention') THEN 'queued' ELSE status END
       WHERE id = $1 AND tenant_id = $2 RETURNING last_seq`,
      [interrupt.runId, ctx.tenantId],
    );
    const payload = { interruptId: interrupt.id, kind: interrupt.kind, decision: response.decision };
    await tx.query(
      `INSERT INTO run_events (run_id, seq, tenant_id, type, payload, at) VALUES ($1, $2, $3, 'interrupt.responded', $4, now())`,
      [interrupt.runId, rows[0]!.last_seq, ctx.tenantId, JSON.stringify(payload)],
    );
    await tx.query(
      `UPDATE run_steps SET status = 'succeeded', output = $4, finished_at = now()
       WHERE run_id = $1 AND tenant_id = $2 AND key = $3`,
      [interrupt.runId, ctx.tenantId, interrupt.key, JSON.stringify({ ...response, respondedBy: ctx.actor.id })],
    );
    await tx.query(`SELECT pg_notify('guildhall_runs', 'work'), pg_notify('guildhall_runs', $1)`, [interrupt.runId]);
  }
}
