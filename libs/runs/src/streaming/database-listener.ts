import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Database } from '@guildhall/core';
import type { Logger } from '@guildhall/sdk';

export interface ListenerHandlers {
  /** A payload came: a run's id, `work`, or `cancel:<id>`. */
  onMessage(payload: string): void;
  /** Messages may have been missed. */
  onGap(): void;
}

const CHANNEL = 'guildhall_runs';
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** The process's one connection that listens. What it hears are hints, so losing it costs seconds and nothing else. */
@Injectable()
export class DatabaseListener {
  private client: PoolClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private stopped = true;

  constructor(private readonly database: Database) {}

  get connected(): boolean {
    return this.client !== undefined;
  }

  async start(handlers: ListenerHandlers, logger: Logger): Promise<void> {
    this.stopped = false;
    try {
      await this.connect(handlers, logger);
      this.pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      logger.warn({ err: error }, 'Cannot listen for run notifications; polling meanwhile');
      this.retry(handlers, logger);
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.client?.removeAllListeners('notification');
    // Not back into the pool: the connection would go on listening.
    this.client?.release(true);
    this.client = undefined;
  }

  private async connect(handlers: ListenerHandlers, logger: Logger): Promise<void> {
    const client = await this.database.pool.connect();
    const lost = (error?: Error) => {
      if (this.client !== client) return;
      this.client = undefined;
      client.release(true);
      logger.warn({ err: error }, 'Lost the connection that listens for run notifications; polling meanwhile');
      this.retry(handlers, logger);
    };
    try {
      client.on('notification', ({ payload }) => payload !== undefined && handlers.onMessage(payload));
      client.on('error', lost);
      client.on('end', lost);
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      client.release(true);
      throw error;
    }
    if (this.stopped) return client.release(true);
    this.client = client;
    handlers.onGap();
  }

  private retry(handlers: ListenerHandlers, logger: Logger): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.start(handlers, logger), this.pauseMs);
    this.timer.unref();
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
  }
}
