import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import type { RequestWithContext } from './context.decorator.js';
import { scopeOf } from './request-scope.js';

/** Routes of events (`@Sse`): Nest writes them itself, one by one, and they may last from the start. */
@Injectable()
export class EventsGuard implements CanActivate {
  private readonly known = new WeakMap<object, boolean>();

  canActivate(host: ExecutionContext): true {
    const handler = host.getHandler();
    let events = this.known.get(handler);
    if (events === undefined) this.known.set(handler, (events = Reflect.getMetadata(SSE_METADATA, handler) === true));
    if (events) {
      const request = host.switchToHttp().getRequest<FastifyRequest & RequestWithContext>();
      scopeOf(request)?.becomeStream(request.guildhall);
    }
    return true;
  }
}
