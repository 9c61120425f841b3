/** Events on the bus: type → data. Plugins add theirs by declaration merging. */
export interface GuildhallEvents {
  'run.succeeded': { runId: string; threadId: string; agentId: string };
  'run.failed': { runId: string; threadId: string; agentId: string; code: string };
  'run.cancelled': { runId: string; threadId: string; agentId: string };
  'document.ready': { documentId: string; collectionId: string; chunkCount: number };
  'document.failed': { documentId: string; collectionId: string; code: string };
  /** A budget was used up by the last call; one that is not hard only tells so. */
  'budget.exceeded': {
    budgetId: string;
    scope: 'tenant' | 'agent' | 'provider' | 'user';
    scopeId: string | null;
    period: 'day' | 'month' | 'total';
    limitMicroUsd: number;
    hard: boolean;
  };
  'plugin.started': { pluginId: string };
  'plugin.stopped': { pluginId: string };
  'plugin.enabled': { pluginId: string };
  'plugin.disabled': { pluginId: string };
  'plugin.error': { pluginId: string; source: string; message: string };
}

export type EventType = keyof GuildhallEvents;

/** CloudEvents-like envelope around every event. */
export interface EventEnvelope<T extends EventType = EventType> {
  readonly id: string;
  readonly type: T;
  /** The plugin or lib that emitted it. */
  readonly source: string;
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly tenantId?: string;
  /** Of the request that led to it: the caller's, or one made of the request's id. */
  readonly traceId?: string;
  /** The caller's W3C `traceparent`. */
  readonly traceparent?: string;
  readonly schemaVersion: 1;
  readonly data: GuildhallEvents[T];
}

export interface EventBus {
  /** Hands the event to every listener; a listener that throws harms nobody and becomes `plugin.error`. */
  emit<T extends EventType>(
    type: T,
    data: GuildhallEvents[T],
    origin: Pick<EventEnvelope, 'source' | 'tenantId' | 'traceId' | 'traceparent'>,
  ): void;
  /** `pattern` is a type, `run.*` or `*`. Returns the function that ends the subscription. */
  on(pattern: string, listener: (event: EventEnvelope) => void | Promise<void>, options?: ListenOptions): () => void;
}

export interface ListenOptions {
  /**
   * `here` (default): the events of this process, each of which is heard by one process only: the one that acts on it.
   * `everywhere`: those of all processes, in every process, e.g. to forget what was cached. Between processes an event
   * may be lost when Redis, or the database, is away: do not count on each.
   */
  readonly from?: 'here' | 'everywhere';
}

export const EVENT_BUS = Symbol.for('guildhall.event-bus');

/** Reflect key of the patterns a method listens to. */
export const EVENT_LISTENERS = 'guildhall:event-listeners';

export interface EventListenerMetadata {
  readonly pattern: string;
  readonly method: string;
  readonly options?: ListenOptions;
}

/** Calls the method with the envelope of every event that matches: `run.succeeded`, `run.*` or `*`. */
export function OnEvent(pattern: EventType | `${string}.*` | '*', options: ListenOptions = {}): MethodDecorator {
  return (target, method) => {
    const known = (Reflect.getMetadata(EVENT_LISTENERS, target.constructor) ?? []) as EventListenerMetadata[];
    Reflect.defineMetadata(
      EVENT_LISTENERS,
      [...known, { pattern, method: String(method), options }],
      target.constructor,
    );
  };
}
