import type { EventBus, EventEnvelope, EventType, GuildhallEvents, Logger } from '@guildhall/sdk';
import { newId } from '../ids.js';

export type EventListener = (event: EventEnvelope) => unknown;

interface Subscription {
  readonly owner: string;
  readonly pattern: string;
  readonly listener: EventListener;
}

/** What `emit` says of where an event comes from. */
type Origin = Parameters<EventBus['emit']>[2];

/** Hands events to listeners in this process, each on its own: what one does harms neither the others nor the emitter. */
export class InProcessEventBus implements EventBus {
  private readonly subscriptions = new Set<Subscription>();

  /** `mayListen`: a plugin that is not available hears nothing. */
  constructor(
    private readonly logger: Logger,
    private readonly mayListen: (owner: string) => boolean = () => true,
  ) {}

  on(pattern: string, listener: EventListener): () => void {
    return this.subscribe('core', pattern, listener);
  }

  /** `owner` is the plugin that a failing listener is blamed on. */
  subscribe(owner: string, pattern: string, listener: EventListener): () => void {
    const subscription = { owner, pattern, listener };
    this.subscriptions.add(subscription);
    return () => this.subscriptions.delete(subscription);
  }

  emit<T extends EventType>(type: T, data: GuildhallEvents[T], origin: Origin): void {
    if (this.subscriptions.size === 0) return;
    const event: EventEnvelope<T> = {
      id: newId('evt'),
      type,
      time: new Date().toISOString(),
      schemaVersion: 1,
      data,
      ...origin,
    };
    // A copy: whoever subscribes now hears the next event, not this one.
    const present = [...this.subscriptions];
    for (const subscription of present) {
      if (matches(subscription.pattern, type) && this.mayListen(subscription.owner)) this.deliver(subscription, event);
    }
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
