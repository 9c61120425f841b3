import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthenticationError, AuthorizationError, hasScope } from '@guildhall/sdk';
import type { RequestWithContext } from '../http/context.decorator.js';
import { PUBLIC_ROUTE, SYSTEM_ROUTE, type ScopeChoice, requiredScopesOf } from './access.decorators.js';
import { isAuthenticated, isSystemAdministrator } from './principal.js';

interface Access {
  readonly open: boolean;
  readonly systemOnly: boolean;
  readonly scopes: readonly ScopeChoice[];
}

/** Guards every route: a key unless it is `@Public()`, and the scopes it requires. */
@Injectable()
export class AccessGuard implements CanActivate {
  /** By class and handler: two controllers may inherit one handler and differ in what they require. */
  private readonly known = new Map<object, Map<object, Access>>();

  canActivate(host: ExecutionContext): boolean {
    if (host.getType() !== 'http') return true;
    const access = this.accessOf(host);
    if (access.open) return true;
    const ctx = host.switchToHttp().getRequest<RequestWithContext>().guildhall;
    if (!isAuthenticated(ctx)) throw new AuthenticationError();
    if (access.systemOnly && !isSystemAdministrator(ctx)) throw systemOnly();
    for (const choice of access.scopes) {
      if (choice.some((scope) => hasScope(ctx.actor, scope))) continue;
      throw new AuthorizationError(`This needs an API key with the scope '${choice.join(`' or '`)}'`);
    }
    return true;
  }

  private accessOf(host: ExecutionContext): Access {
    const controller = host.getClass();
    const handler = host.getHandler();
    const known = this.known.get(controller)?.get(handler);
    if (known) return known;
    const access: Access = {
      open: Reflect.getMetadata(PUBLIC_ROUTE, handler) === true,
      systemOnly: [controller, handler].some((target) => Reflect.getMetadata(SYSTEM_ROUTE, target) === true),
      scopes: [...requiredScopesOf(controller), ...requiredScopesOf(handler)],
    };
    const ofController = this.known.get(controller) ?? new Map<object, Access>();
    this.known.set(controller, ofController.set(handler, access));
    return access;
  }
}

function systemOnly(): AuthorizationError {
  return new AuthorizationError('Only the system administrator, with BOOTSTRAP_API_KEY, may do this');
}
