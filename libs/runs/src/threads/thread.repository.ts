import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Keyset, ListedRows } from '@guildhall/core';
import type { MessageRole, RequestContext } from '@guildhall/sdk';
import { ENDED_ROW, type EndedRow, type EndedRun } from '../ended-run.js';
import { CANCELLED, type RunStatus, isTerminal } from '../run.js';

export interface Thread {
  readonly id: string;
  readonly title: string | null;
  readonly userId: string | null;
  readonly metadata: Record<string, unknown>;
  readonly activeRunId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Message {
  readonly id: string;
  readonly role: MessageRole;
  readonly text: string;
  readonly parts: readonly unknown[] | null;
  readonly runId: string | null;
  readonly at: Date;
}

export interface ThreadFilter {
  readonly userId?: string;
}

const THREAD = `id, title, user_id AS "userId", metadata, active_run_id AS "activeRunId", created_at AS "createdAt",
  updated_at AS "updatedAt"`;
const MESSAGE = `id, role, text, parts, run_id AS "runId", at`;

/** Tables that hold something of a thread's runs. */
const OF_RUNS = ['run_events', 'run_steps', 'interrupts'];

@Injectable()
export class ThreadRepository {
  async insert(
    tx: EntityManager,
    ctx: RequestContext,
    thread: Pick<Thread, 'id' | 'title' | 'userId' | 'metadata'>,
  ): Promise<Thread> {
    const { id, title, userId, metadata } = thread;
    const [row] = await tx.query<[Thread]>(
      `INSERT INTO threads (id, tenant_id, title, user_id, metadata) VALUES ($1, $2, $3, $4, $5) RETURNING ${THREAD}`,
      [id, ctx.tenantId, title, userId, JSON.stringify(metadata)],
    );
    return row;
  }

  async find(tx: EntityManager, ctx: RequestContext, id: string): Promise<Thread | undefined> {
    const rows = await tx.query<Thread[]>(`SELECT ${THREAD} FROM threads WHERE id = $1 AND tenant_id = $2`, [
      id,
      ctx.tenantId,
    ]);
    return rows[0];
  }

  /** Newest first. */
  list(
    tx: EntityManager,
    ctx: RequestContext,
    filter: ThreadFilter,
    { limit, before }: Keyset,
  ): Promise<ListedRows<Thread>> {
    const { where, values } = conditions(ctx, filter);
    if (before !== undefined) where.push(`id < $${values.push(before)}`);
    const select = `SELECT ${THREAD} FROM threads WHERE ${where.join(' AND ')} ORDER BY id DESC`;
    return ListedRows.read(tx, select, values, { limit });
  }

  async count(tx: EntityManager, ctx: RequestContext, filter: ThreadFilter): Promise<number> {
    const { where, values } = conditions(ctx, filter);
    const text = `SELECT count(*)::int AS total FROM threads WHERE ${where.join(' AND ')}`;
    return (await tx.query<{ total: number }[]>(text, values))[0]!.total;
  }

  async update(
    tx: EntityManager,
    ctx: RequestContext,
    id: string,
    change: { readonly title?: string; readonly metadata?: object },
  ): Promise<Thread | undefined> {
    const [rows] = await tx.query<[Thread[]]>(
      `UPDATE threads SET title = coalesce($3, title), metadata = coalesce($4, metadata), updated_at = now()
       WHERE id = $1 AND tenant_id = $2 RETURNING ${THREAD}`,
      [id, ctx.tenantId, change.title ?? null, change.metadata ? JSON.stringify(change.metadata) : null],
    );
    return rows[0];
  }

  /** With its messages and runs and all they left. Returns the runs that this ends. */
  async delete(tx: EntityManager, ctx: RequestContext, id: string): Promise<EndedRun[]> {
    const scope = [id, ctx.tenantId];
    // First, because an engine that holds a run's row may be adding to what the run leaves: after this none can.
    const [runs] = await tx.query<[(EndedRow & { readonly status: RunStatus })[]]>(
      `DELETE FROM runs r WHERE thread_id = $1 AND tenant_id = $2 RETURNING ${ENDED_ROW}, status`,
      scope,
    );
    const runIds = runs.map((run) => run.id);
    for (const table of OF_RUNS) {
      await tx.query(`DELETE FROM ${table} WHERE run_id = ANY ($1) AND tenant_id = $2`, [runIds, ctx.tenantId]);
    }
    await tx.query('DELETE FROM messages WHERE thread_id = $1 AND tenant_id = $2', scope);
    await tx.query('DELETE FROM threads WHERE id = $1 AND tenant_id = $2', scope);
    const ended = runs.filter(({ status }) => !isTerminal(status));
    return ended.map((run) => ({ ...run, status: 'cancelled', error: CANCELLED }));
  }

  /** Newest first. */
  messages(
    tx: EntityManager,
    ctx: RequestContext,
    threadId: string,
    { limit, before }: Keyset,
  ): Promise<ListedRows<Message>> {
    return ListedRows.read(
      tx,
      `SELECT ${MESSAGE} FROM messages WHERE thread_id = $1 AND tenant_id = $2 AND ($3::text IS NULL
         OR (turn, place) < (SELECT turn, place FROM messages WHERE id = $3 AND tenant_id = $2 AND thread_id = $1))
       ORDER BY turn DESC, place DESC`,
      [threadId, ctx.tenantId, before ?? null],
      { limit },
    );
  }

  async countMessages(tx: EntityManager, ctx: RequestContext, threadId: string): Promise<number> {
    const text = 'SELECT count(*)::int AS total FROM messages WHERE thread_id = $1 AND tenant_id = $2';
    return (await tx.query<{ total: number }[]>(text, [threadId, ctx.tenantId]))[0]!.total;
  }

  async insertMessage(
    tx: EntityManager,
    ctx: RequestContext,
    threadId: string,
    message: { readonly id: string; readonly role: MessageRole; readonly text: string; readonly at?: string },
  ): Promise<Message> {
    const [row] = await tx.query<[Message]>(
      `INSERT INTO messages (id, tenant_id, thread_id, turn, place, role, text, at)
       VALUES ($1, $2, $3, nextval('thread_turns'), 0, $4, $5, coalesce($6::timestamptz, now())) RETURNING ${MESSAGE}`,
      [message.id, ctx.tenantId, threadId, message.role, message.text, message.at ?? null],
    );
    return row;
  }

  /** The ids of the messages up to this one, oldest first; none when it is not a message of the thread. */
  async idsUpTo(
    tx: EntityManager,
    ctx: RequestContext,
    threadId: string,
    messageId: string,
  ): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }[]>(
      `SELECT id FROM messages WHERE thread_id = $1 AND tenant_id = $2
         AND (turn, place) <= (SELECT turn, place FROM messages WHERE id = $3 AND thread_id = $1 AND tenant_id = $2)
       ORDER BY turn, place`,
      [threadId, ctx.tenantId, messageId],
    );
    return rows.map(({ id }) => id);
  }

  /** What a run said last, or else was asked, and whether anything was said after it. */
  async lastMessageOf(
    tx: EntityManager,
    ctx: RequestContext,
    threadId: string,
    runId: string,
  ): Promise<{ readonly id: string; readonly isLast: boolean } | undefined> {
    const rows = await tx.query<{ id: string; isLast: boolean }[]>(
      `SELECT id, NOT EXISTS (SELECT FROM messages n WHERE n.thread_id = $1 AND n.tenant_id = $2
         AND (n.turn, n.place) > (m.turn, m.place)) AS "isLast"
       FROM messages m WHERE thread_id = $1 AND tenant_id = $2 AND run_id = $3 ORDER BY turn DESC, place DESC LIMIT 1`,
      [threadId, ctx.tenantId, runId],
    );
    return rows[0];
  }

  /** Copies of messages of other threads, in this order, within the database: together they may be large. */
  async copyMessages(
    tx: EntityManager,
    ctx: RequestContext,
    threadId: string,
    copies: readonly { readonly id: string; readonly newId: string }[],
  ): Promise<void> {
    await tx.query(
      `INSERT INTO messages (id, tenant_id, thread_id, turn, place, role, text, parts, at)
       SELECT c."newId", $2, $1, nextval('thread_turns'), 0, c.role, c.text, c.parts, c.at
       FROM (SELECT given."newId", m.role, m.text, m.parts, m.at
         FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS given(id, "newId", place)
         JOIN messages m ON m.id = given.id AND m.tenant_id = $2 ORDER BY given.place) c`,
      [threadId, ctx.tenantId, copies.map(({ id }) => id), copies.map(({ newId }) => newId)],
    );
  }

  /** In their order; each keeps its time. They belong to no run of the thread. */
  async insertMessages(
    tx: EntityManager,
    ctx: RequestContext,
    threadId: string,
    messages: readonly (Pick<Message, 'role' | 'text' | 'parts' | 'at'> & { readonly newId: string })[],
  ): Promise<void> {
    await tx.query(
      `INSERT INTO messages (id, tenant_id, thread_id, turn, place, role, text, parts, at)
       SELECT m."newId", $2, $1, nextval('thread_turns'), 0, m.role, m.text, m.parts, m.at
       FROM (SELECT * FROM jsonb_to_recordset($3::jsonb)
         AS c("newId" text, role text, text text, parts jsonb, at timestamptz, place integer) ORDER BY place) m`,
      [threadId, ctx.tenantId, JSON.stringify(messages.map((message, place) => ({ ...message, place })))],
    );
  }
}

function conditions(ctx: RequestContext, { userId }: ThreadFilter) {
  const where = ['tenant_id = $1'];
  const values: unknown[] = [ctx.tenantId];
  if (userId !== undefined) where.push(`user_id = $${values.push(userId)}`);
  return { where, values };
}
