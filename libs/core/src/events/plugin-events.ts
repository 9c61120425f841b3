import type { EventBus, EventType, GuildhallEvents, ListenOptions } from '@guildhall/sdk';
import type { EventListener, InProcessEventBus } from './in-process-event-bus.js';

/** The bus as one plugin sees it: its listeners carry its name, and end with it. */
export class PluginEvents implements EventBus {
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly bus: InProcessEventBus,
    private readonly pluginId: string,
  ) {}

  emit<T extends EventType>(type: T, data: GuildhallEvents[T], origin: Parameters<EventBus['emit']>[2]): void {
    this.bus.emit(type, data, origin);
  }

  on(pattern: string, listener: EventListener, options?: ListenOptions): () => void {
    const end = this.bus.subscribe(this.pluginId, pattern, listener, options);
    this.ends.push(end);
    return end;
  }

  /** Ends every subscription made here. */
  close(): void {
    for (const end of this.ends.splice(0)) end();
  }
}
