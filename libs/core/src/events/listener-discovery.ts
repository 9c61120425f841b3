import type { ModulesContainer } from '@nestjs/core';
import { EVENT_LISTENERS, type EventListenerMetadata } from '@guildhall/sdk';
import type { InProcessEventBus } from './in-process-event-bus.js';

type Listening = Record<string, (event: unknown) => unknown>;

/** Subscribes every `@OnEvent` method of every provider and controller, in the name of the plugin that owns it. */
export function subscribeListeners(
  modules: ModulesContainer,
  ownerOf: (module: unknown) => string,
  bus: InProcessEventBus,
): void {
  const seen = new Set<object>();
  for (const module of modules.values()) {
    const owner = ownerOf(module.metatype);
    for (const { instance } of [...module.providers.values(), ...module.controllers.values()]) {
      if (typeof instance !== 'object' || instance === null || seen.has(instance)) continue;
      seen.add(instance);
      for (const { pattern, method, options } of listenersOf(instance)) {
        bus.subscribe(owner, pattern, (event) => (instance as Listening)[method]?.(event), options);
      }
    }
  }
}

function listenersOf(instance: object): readonly EventListenerMetadata[] {
  return (Reflect.getMetadata(EVENT_LISTENERS, instance.constructor) ?? []) as readonly EventListenerMetadata[];
}
