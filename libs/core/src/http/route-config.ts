import { RouteConfig } from '@nestjs/platform-fastify';

/** Stands on a handler, or on a controller for all of its own. */
export type RouteDecorator = (target: object, name?: string | symbol, method?: PropertyDescriptor) => void;

/**
 * Adds to the Fastify route config that hooks see, of one handler or of all of a controller; Nest's own `@RouteConfig`
 * replaces what was there.
 */
export function AddRouteConfig(values: object): RouteDecorator {
  const { KEY } = RouteConfig({});
  return (target, _name, method) => {
    for (const handler of handlersOf(target, method)) {
      const config = (Reflect.getMetadata(KEY, handler) ?? {}) as object;
      Reflect.defineMetadata(KEY, { ...config, ...values }, handler);
    }
  };
}

/** What a decorator stands on: one handler, or all handlers of a controller's own. */
export function handlersOf(target: object, method: PropertyDescriptor | undefined): object[] {
  if (method) return [method.value as object];
  const { prototype } = target as { prototype: object };
  return Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor')
    .map((name) => Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown)
    .filter((value): value is object => typeof value === 'function');
}
