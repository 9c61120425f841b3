import { Logger } from '@nestjs/common';
import type { Notification, Pool, PoolClient, QueryConfig } from 'pg';

export interface Subscription {
  close(): Promise<void>;
}

interface Subscriber {
  readonly channel: string;
  readonly onPayload: (payload: string) => void;
  readonly onReconnect: () => void;
}

const CHECK_MS = 15_000;
const CHECK_TIMEOUT_MS = 5_000;
const RECONNECT_MS = 1_000;

/**
 * Hears NOTIFY, on one connection of the pool for all channels. A notification is a hint: those sent while the
 * connection was down are lost, so `onReconnect` must look for what was missed.
 */
export class NotificationListener {
  private readonly logger = new Logger('Database');
  private readonly subscribers = new Set<Subscriber>();
  private connecting: Promise<PoolClient> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly pool: Pool) {}

  async listen(channel: string, onPayload: (payload: string) => void, onReconnect: () => void): Promise<Subscription> {
    const subscriber: Subscriber = { channel, onPayload, onReconnect };
    this.subscribers.add(subscriber);
    try {
      const client = await this.client();
      await client.query(`LISTEN ${quote(channel)}`);
    } catch (error) {
      this.subscribers.delete(subscriber);
      throw error;
    }
    // The channel stays listened to: others may want it, and a payload without a subscriber costs nothing.
    return { close: async () => void this.subscribers.delete(subscriber) };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.subscribers.clear();
    const client = await this.connecting?.catch(() => undefined);
    this.connecting = undefined;
    client?.release(true);
  }

  private client(): Promise<PoolClient> {
    if (this.closed) return Promise.reject(new Error('The listener is closed'));
    return (this.connecting ??= this.connect());
  }

  private async connect(): Promise<PoolClient> {
    try {
      const client = await this.pool.connect();
      client.on('notification', (notification) => this.deliver(notification));
      client.once('end', () => this.lost(client));
      client.once('error', () => this.lost(client));
      this.check(client);
      return client;
    } catch (error) {
      this.connecting = undefined;
      throw error;
    }
  }

  private deliver({ channel, payload = '' }: Notification): void {
    for (const subscriber of this.subscribers) {
      if (subscriber.channel === channel) this.tell(subscriber, () => subscriber.onPayload(payload));
    }
  }

  /** What one subscriber throws keeps nothing from the others, nor the connection from being listened to. */
  private tell({ channel }: Subscriber, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.logger.error({ err: error, channel }, 'A subscriber failed at a notification');
    }
  }

  /** A connection that only listens does not notice when the other side is gone. */
  private check(client: PoolClient): void {
    this.timer = setTimeout(() => {
      client.query({ text: 'SELECT 1', query_timeout: CHECK_TIMEOUT_MS } as QueryConfig).then(
        () => this.check(client),
        () => this.lost(client),
      );
    }, CHECK_MS).unref();
  }

  private lost(client: PoolClient): void {
    if (this.closed || client.listenerCount('notification') === 0) return;
    client.removeAllListeners('notification');
    client.release(true);
    clearTimeout(this.timer);
    this.connecting = undefined;
    this.logger.warn('The connection that listens for notifications was lost; reconnecting');
    void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    if (this.closed) return;
    try {
      const client = await this.client();
      for (const channel of new Set([...this.subscribers].map((each) => each.channel))) {
        await client.query(`LISTEN ${quote(channel)}`);
      }
      for (const subscriber of this.subscribers) this.tell(subscriber, () => subscriber.onReconnect());
    } catch {
      this.timer = setTimeout(() => void this.reconnect(), RECONNECT_MS).unref();
    }
  }
}

function quote(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}
