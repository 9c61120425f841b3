import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { RequestContext } from '@guildhall/sdk';

/** What core hangs on every Fastify request before a guard sees it. */
export interface RequestWithContext {
  guildhall: RequestContext;
  headers: Record<string, string | string[] | undefined>;
}

/** The caller's `RequestContext`: `handler(@Ctx() ctx: RequestContext)`. */
export const Ctx = createParamDecorator(
  (_: unknown, host: ExecutionContext): RequestContext =>
    host.switchToHttp().getRequest<RequestWithContext>().guildhall,
);
