import { SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';

export const REQUIRED_SCOPES = 'guildhall:required-scopes';
export const SYSTEM_ROUTE = 'guildhall:system-route';
export const PUBLIC_ROUTE = 'guildhall:public-route';

/** Scopes an API key must hold, all of them: `@RequireScopes('agents:read')`. Routes without it need any valid key. */
export const RequireScopes = (...scopes: string[]) => SetMetadata(REQUIRED_SCOPES, scopes);

/** For routes that change the process for every tenant: only the system administrator's key opens them. */
export const SystemAdministratorOnly = () => SetMetadata(SYSTEM_ROUTE, true);

/** Opens a route, or all routes of a controller, to anonymous callers. Everything else is guarded by default. */
export function Public(): ClassDecorator & MethodDecorator {
  return (target: object, _name?: string | symbol, method?: PropertyDescriptor) => {
    const handlers = method ? [method.value as object] : methodsOf(target as { prototype: object });
    for (const handler of handlers) open(handler);
  };
}

/** Told to both: Nest's guard reads the metadata, the authentication hook Fastify's route config. */
function open(handler: object): void {
  Reflect.defineMetadata(PUBLIC_ROUTE, true, handler);
  const { KEY } = RouteConfig({});
  const config = (Reflect.getMetadata(KEY, handler) ?? {}) as object;
  Reflect.defineMetadata(KEY, { ...config, [PUBLIC_ROUTE]: true }, handler);
}

function methodsOf({ prototype }: { prototype: object }): object[] {
  return Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor')
    .map((name) => Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown)
    .filter((value): value is object => typeof value === 'function');
}
