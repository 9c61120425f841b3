import type { EventEnvelope, Logger } from '@guildhall/sdk';
import type { Database } from '../database/database.js';
import type { Subscription } from '../database/notification-listener.js';
import { type CloudEvent, fromCloudEvent, toCloudEvent } from './cloud-event.js';
import type { FanOut } from './fan-out.js';
import type { EventCarrier, InProcessEventBus } from './in-process-event-bus.js';

const CHANNEL = 'guildhall_events';
/** More does not go into a notification of Postgres. */
const NOTIFICATION_BYTES = 7_900;

/** What goes through the database: it tells the sender as well, who knows already. */
interface Notified {
  readonly from: string;
  readonly event: CloudEvent;
}

/** Carries events between the buses of all processes: by Redis where it answers, else by the database if anybody cares. */
export class EventRelay implements EventCarrier {
  private listening: Promise<Subscription | undefined> | undefined;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly bus: InProcessEventBus,
    private readonly fanOut: FanOut,
    private readonly database: Database,
    private readonly name: string,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.unsubscribe = this.fanOut.subscribe('events', { onMessage: (text) => this.receive(text), onGap: () => {} });
    this.bus.connect(this);
  }

  async close(): Promise<void> {
    this.unsubscribe?.();
    await (await this.listening)?.close();
  }

  listen(): void {
    this.listening ??= this.database
      .listen(
        CHANNEL,
        (text) => this.hear(text),
        () => {},
      )
      .catch((error: unknown) => {
        this.logger.warn({ err: error }, 'Events of other processes are not heard by the database');
        return undefined;
      });
  }

  carry(event: EventEnvelope, wanted: boolean): void {
    if (this.fanOut.up) this.fanOut.publish('events', JSON.stringify(toCloudEvent(event)));
    else if (wanted) void this.notify(event);
  }

  private async notify(event: EventEnvelope): Promise<void> {
    const text = JSON.stringify({ from: this.name, event: toCloudEvent(event) } satisfies Notified);
    try {
      if (Buffer.byteLength(text) > NOTIFICATION_BYTES) throw new Error('The event is too large for a notification');
      await this.database.pool.query('SELECT pg_notify($1, $2)', [CHANNEL, text]);
    } catch (error) {
      this.logger.warn({ err: error, event: event.type }, 'An event did not reach the other processes');
    }
  }

  private hear(text: string): void {
    const { from, event } = JSON.parse(text) as Notified;
    if (from !== this.name) this.receive(JSON.stringify(event));
  }

  private receive(text: string): void {
    const event = fromCloudEvent(text);
    if (event) this.bus.receive(event);
  }
}
