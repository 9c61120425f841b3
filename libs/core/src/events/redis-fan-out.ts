import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type RedisClient, openRedisClient } from '../cache/redis-client.js';
import type { FanOut, FanOutChannel, FanOutSubscriber } from './fan-out.js';
import { type StreamEntry, StreamReader, append } from './redis-streams.js';

/** A Redis that stopped answering is given up after so long; a read may wait for news before. */
const ANSWER_WITHIN_MS = 1_000;
const READ_WITHIN_MS = 3_500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_500;
/** What waits while an append is under way. Beyond, the oldest go: readers look at the database anyway. */
const OUTBOX_MAX = 10_000;

/** Fan-out by Redis Streams: each process reads all that the others append. */
export class RedisFanOut implements FanOut {
  up = false;
  private readonly logger = new Logger('Events');
  private readonly name = randomBytes(8).toString('hex');
  private readonly subscribers: Record<FanOutChannel, Set<FanOutSubscriber>> = { events: new Set(), runs: new Set() };
  private readonly writer: RedisClient;
  /** Its own connection: reading blocks. */
  private readonly reader: RedisClient;
  private readonly closing = new AbortController();
  private outbox: [FanOutChannel, string][] = [];
  private sending = false;
  private told = false;
  /** A connection that is still being made is no failure. */
  private patientUntil = 0;
  private keeping: Promise<void> | undefined;

  constructor(url: string) {
    // Errors between commands are the client's to mend; those of commands reach us by rejection.
    this.writer = openRedisClient(url, () => undefined);
    this.reader = openRedisClient(url, () => undefined);
  }

  start(): void {
    this.patientUntil = performance.now() + ANSWER_WITHIN_MS;
    this.keeping ??= this.keepReading(new StreamReader(this.reader));
  }

  async close(): Promise<void> {
    this.up = false;
    this.closing.abort();
    for (const client of [this.writer, this.reader]) if (client.isOpen) client.destroy();
    await this.keeping;
  }

  publish(channel: FanOutChannel, message: string): void {
    if (!this.up) return;
    this.outbox.push([channel, message]);
    if (this.outbox.length > OUTBOX_MAX) this.outbox.shift();
    if (this.sending) return;
    this.sending = true;
    setImmediate(() => void this.send());
  }

  subscribe(channel: FanOutChannel, subscriber: FanOutSubscriber): () => void {
    this.subscribers[channel].add(subscriber);
    return () => this.subscribers[channel].delete(subscriber);
  }

  private async send(): Promise<void> {
    while (this.outbox.length > 0 && this.up) {
      const messages = this.outbox;
      this.outbox = [];
      try {
        await answered(Promise.all([this.append('events', messages), this.append('runs', messages)]), ANSWER_WITHIN_MS);
      } catch (error) {
        this.lose(error as Error);
      }
    }
    this.outbox = [];
    this.sending = false;
  }

  private async append(channel: FanOutChannel, outbox: readonly [FanOutChannel, string][]): Promise<void> {
    const messages = outbox.flatMap(([of, message]) => (of === channel ? [message] : []));
    if (messages.length > 0) await append(this.writer, this.name, channel, messages);
  }

  private async keepReading(reader: StreamReader): Promise<void> {
    const { signal } = this.closing;
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        await answered(Promise.all([this.writer.ping(), reader.locate()]), ANSWER_WITHIN_MS);
        this.find();
        pause = FIRST_PAUSE_MS;
        await this.readOn(reader);
      } catch (error) {
        this.lose(error as Error);
      }
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async readOn(reader: StreamReader): Promise<void> {
    while (this.up) {
      const found = await answered(reader.read(), READ_WITHIN_MS);
      for (const entry of reader.take(found)) this.deliver(entry);
    }
  }

  private find(): void {
    this.up = !this.closing.signal.aborted;
    if (this.told) this.logger.log('Redis answers again');
    this.told = false;
    this.patientUntil = 0;
    for (const subscribers of Object.values(this.subscribers)) {
      for (const subscriber of subscribers) this.tell(() => subscriber.onGap());
    }
  }

  private lose({ message }: Error): void {
    this.up = false;
    if (this.told || this.closing.signal.aborted || performance.now() < this.patientUntil) return;
    this.told = true;
    this.logger.warn(`Redis failed (${message}); processes hear of each other by the database until it answers`);
  }

  private deliver({ channel, from, messages }: StreamEntry): void {
    if (from === this.name) return;
    for (const subscriber of this.subscribers[channel]) {
      for (const message of messages) this.tell(() => subscriber.onMessage(message));
    }
  }

  /** What one subscriber throws is no failure of Redis, and keeps nothing from the others. */
  private tell(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.logger.error({ err: error }, 'A subscriber failed at what another process told');
    }
  }
}

async function answered<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
