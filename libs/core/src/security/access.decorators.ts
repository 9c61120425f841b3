import { SetMetadata } from '@nestjs/common';
import { AddRouteConfig, type RouteDecorator, handlersOf } from '../http/route-config.js';

const REQUIRED_SCOPES = 'guildhall:required-scopes';
export const SYSTEM_ROUTE = 'guildhall:system-route';
export const PUBLIC_ROUTE = 'guildhall:public-route';

/** Scopes of which an API key must hold one. */
export type ScopeChoice = readonly string[];

/** Scopes an API key must hold, all of them: `@RequireScopes('agents:read')`. Routes without it need any valid key. */
export const RequireScopes = (...scopes: string[]) =>
  SetMetadata(
    REQUIRED_SCOPES,
    scopes.map((scope) => [scope]),
  );

/** For a route where it depends on the object which of these scopes is needed; its handler asks again. */
export const RequireAnyScope = (...scopes: string[]) => SetMetadata(REQUIRED_SCOPES, [scopes]);

/** What a route, or all routes of a controller, require. */
export function requiredScopesOf(target: object): readonly ScopeChoice[] {
  return (Reflect.getMetadata(REQUIRED_SCOPES, target) ?? []) as readonly ScopeChoice[];
}

/** For routes that change the process for every tenant: only the system administrator's key opens them. */
export const SystemAdministratorOnly = () => SetMetadata(SYSTEM_ROUTE, true);

/**
 * Opens a route, or all routes of a controller, to anonymous callers. Everything else is guarded by default. Told to
 * both: Nest's guard reads the metadata, the authentication hook Fastify's route config.
 */
export function Public(): RouteDecorator {
  const tellHooks = AddRouteConfig({ [PUBLIC_ROUTE]: true });
  return (target, name, method) => {
    for (const handler of handlersOf(target, method)) Reflect.defineMetadata(PUBLIC_ROUTE, true, handler);
    tellHooks(target, name, method);
  };
}
