import type { EventBus, EventEnvelope, EventType, GuildhallEvents, ListenOptions, Logger } from '@guildhall/sdk';
import { newId } from '../ids.js';

export type EventListener = (event: EventEnvelope) => unknown;

interface Subscription {
  readonly owner: string;
  readonly pattern: string;
  readonly listener: EventListener;
  readonly from: NonNullable<ListenOptions['from']>;
}

/** Carries events to other processes. */
export interface EventCarrier {
  /** `wanted`: somebody here listens to events of this type from everywhere, so the others do as well. */
  carry(event: EventEnvelope, wanted: boolean): void;
  /** Somebody listens to events from everywhere. */
  listen(): void;
}

/** What `emit` says of where an event comes from. */
type Origin = Parameters<EventBus['emit']>[2];

/** Hands events to listeners in this process, each on its own: what one does harms neither the others nor the emitter. */
export class InProcessEventBus implements EventBus {
  private readonly subscriptions = new Set<Subscription>();
  private carrier: EventCarrier | undefined;

  /** `mayListen`: a plugin that is not available hears nothing. */
  constructor(
    private readonly logger: Logger,
    private readonly mayListen: (owner: string) => boolean = () => true,
  ) {}

  on(pattern: string, listener: EventListener, options?: ListenOptions): () => void {
    return this.subscribe('core', pattern, listener, options);
  }

  /** `owner` is the plugin that a failing listener is blamed on. */
  subscribe(
    owner: string,
    pattern: string,
    listener: EventListener,
    { from = 'here' }: ListenOptions = {},
  ): () => void {
    const subscription = { owner, pattern, listener, from };
    this.subscriptions.add(subscription);
    if (from === 'everywhere') this.carrier?.listen();
    return () => this.subscriptions.delete(subscription);
  }

  emit<T extends EventType>(type: T, data: GuildhallEvents[T], origin: Origin): void {
    if (this.subscriptions.size === 0 && !this.carrier) return;
    const event: EventEnvelope<T> = {
      id: newId('evt'),
      type,
      time: new Date().toISOString(),
      schemaVersion: 1,
      data,
      ...origin,
    };
    this.tell(event, () => true);
    this.carrier?.carry(event, this.listensEverywhere(type));
  }

  /** Hands on an event of another process. */
  receive(event: EventEnvelope): void {
    this.tell(event, ({ from }) => from === 'everywhere');
  }

  connect(carrier: EventCarrier): void {
    this.carrier = carrier;
    if ([...this.subscriptions].some(({ from }) => from === 'everywhere')) carrier.listen();
  }

  private tell(event: EventEnvelope, hears: (subscription: Subscription) => boolean): void {
    // A copy: whoever subscribes now hears the next event, not this one.
    const present = [...this.subscriptions];
    for (const subscription of present) {
      if (!matches(subscription.pattern, event.type) || !hears(subscription)) continue;
      if (this.mayListen(subscription.owner)) this.deliver(subscription, event);
    }
  }

  private listensEverywhere(type: string): boolean {
    for (const { from, pattern } of this.subscriptions)
      if (from === 'everywhere' && matches(pattern, type)) return true;
    return false;
  }

  private deliver(subscription: Subscription, event: EventEnvelope): void {
    try {
      const result = subscription.listener(event);
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.report(subscription, event, error));
    } catch (error) {
      this.report(subscription, event, error);
    }
  }

  private report({ owner, pattern }: Subscription, event: EventEnvelope, error: unknown): void {
    this.logger.error({ err: error, plugin: owner, event: event.type, pattern }, 'Event listener failed');
    // A listener that fails on plugin.error itself would otherwise call itself for ever.
    if (event.type === 'plugin.error') return;
    const message = error instanceof Error ? error.message : String(error);
    this.emit('plugin.error', { pluginId: owner, source: `listener of ${event.type}`, message }, { source: 'core' });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function matches(pattern: string, type: string): boolean {
  if (pattern === type || pattern === '*') return true;
  return pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1));
}
