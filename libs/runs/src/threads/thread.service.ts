import { Injectable } from '@nestjs/common';
import { Cursors, Database, type Page, type PageQuery, newId } from '@guildhall/core';
import { NotFoundError, type RequestContext } from '@guildhall/sdk';
import { RunEngine } from '../engine/run-engine.js';
import { RunEnds } from '../run-ends.js';
import { ThreadQueue } from './thread-queue.js';
import type { CreateMessageDto, CreateThreadDto, ThreadListQuery, UpdateThreadDto } from './thread.dto.js';
import { type Message, type Thread, ThreadRepository } from './thread.repository.js';

type Said = Pick<Message, 'role' | 'text' | 'parts'>;

interface AfterRun {
  readonly threadId: string;
  readonly runId: string;
}

/** Conversations, and what is said in them outside of runs. */
@Injectable()
export class ThreadService {
  constructor(
    private readonly database: Database,
    private readonly threads: ThreadRepository,
    private readonly queue: ThreadQueue,
    private readonly engine: RunEngine,
    private readonly ends: RunEnds,
    private readonly cursors: Cursors,
  ) {}

  create(ctx: RequestContext, { title, userId, metadata = {} }: CreateThreadDto): Promise<Thread> {
    const thread = { id: newId('thr'), title: title ?? null, userId: userId ?? null, metadata };
    return this.threads.insert(this.database.manager, ctx, thread);
  }

  async get(ctx: RequestContext, id: string): Promise<Thread> {
    return found(await this.threads.find(this.database.manager, ctx, id), id);
  }

  async list(ctx: RequestContext, query: ThreadListQuery): Promise<Page<Thread>> {
    const { manager } = this.database;
    const filter = { userId: query.userId };
    const rows = await this.threads.list(manager, ctx, filter, this.cursors.read(ctx, 'threads', query, filter));
    const total = query.total ? await this.threads.count(manager, ctx, filter) : undefined;
    return this.cursors.page(ctx, 'threads', query, rows, filter, total);
  }

  async update(ctx: RequestContext, id: string, change: UpdateThreadDto): Promise<Thread> {
    return found(await this.threads.update(this.database.manager, ctx, id, change), id);
  }

  /** Runs under way lose their record, which ends them at their next write; those of this process at once. */
  async delete(ctx: RequestContext, id: string): Promise<void> {
    const ended = await this.database.transaction(ctx, async (tx) => {
      const exists = await this.queue.lock(tx, { tenantId: ctx.tenantId, threadId: id });
      if (!exists) throw new NotFoundError('thread', id);
      const runs = await this.threads.delete(tx, ctx, id);
      for (const run of runs) await tx.query(`SELECT pg_notify('guildhall_runs', $1)`, [`cancel:${run.id}`]);
      return runs;
    });
    for (const run of ended) {
      this.engine.cancel(run.id);
      this.ends.tell(run);
    }
  }

  async messages(ctx: RequestContext, threadId: string, query: PageQuery): Promise<Page<Message>> {
    await this.get(ctx, threadId);
    const { manager } = this.database;
    const filter = { threadId };
    const rows = await this.threads.messages(manager, ctx, threadId, this.cursors.read(ctx, 'messages', query, filter));
    const total = query.total ? await this.threads.countMessages(manager, ctx, threadId) : undefined;
    return this.cursors.page(ctx, 'messages', query, rows, filter, total);
  }

  async addMessage(ctx: RequestContext, threadId: string, message: CreateMessageDto): Promise<Message> {
    await this.get(ctx, threadId);
    return this.threads.insertMessage(this.database.manager, ctx, threadId, { id: newId('msg'), ...message });
  }

  /** A thread that begins with what was said elsewhere, oldest first. */
  createWith(ctx: RequestContext, { userId }: Pick<CreateThreadDto, 'userId'>, said: readonly Said[]): Promise<Thread> {
    const at = new Date();
    return this.database.transaction(ctx, async (tx) => {
      const thread = { id: newId('thr'), title: null, userId: userId ?? null, metadata: {} };
      const messages = said.map((message) => ({ ...message, at, newId: newId('msg') }));
      const stored = await this.threads.insert(tx, ctx, thread);
      await this.threads.insertMessages(tx, ctx, thread.id, messages);
      return stored;
    });
  }

  /** The thread after this run: itself, or a copy that ends there when it has gone on since, or `more` was said. */
  async after(ctx: RequestContext, { threadId, runId }: AfterRun, more: readonly Said[]): Promise<string> {
    const last = await this.threads.lastMessageOf(this.database.manager, ctx, threadId, runId);
    if (!last) throw new NotFoundError('thread', threadId);
    if (last.isLast && more.length === 0) return threadId;
    return (await this.fork(ctx, threadId, last.id, more)).id;
  }

  /** A new thread with the messages up to and including this one, and what was said after it elsewhere. */
  fork(ctx: RequestContext, threadId: string, messageId: string, more: readonly Said[] = []): Promise<Thread> {
    const at = new Date();
    return this.database.transaction(ctx, async (tx) => {
      const source = found(await this.threads.find(tx, ctx, threadId), threadId);
      const ids = await this.threads.idsUpTo(tx, ctx, threadId, messageId);
      if (ids.length === 0) throw new NotFoundError('message', messageId);
      const { title, userId, metadata } = source;
      const thread = await this.threads.insert(tx, ctx, { id: newId('thr'), title, userId, metadata });
      const copies = ids.map((id) => ({ id, newId: newId('msg') }));
      await this.threads.copyMessages(tx, ctx, thread.id, copies);
      const said = more.map((message) => ({ ...message, at, newId: newId('msg') }));
      if (said.length > 0) await this.threads.insertMessages(tx, ctx, thread.id, said);
      return thread;
    });
  }
}

function found(thread: Thread | undefined, id: string): Thread {
  if (!thread) throw new NotFoundError('thread', id);
  return thread;
}
