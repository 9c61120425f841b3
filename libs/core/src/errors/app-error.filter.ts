import { type ArgumentsHost, Catch, type ExceptionFilter, type HttpServer } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RepeatedAnswer, repeat } from '../http/idempotency/outcome.js';
import { scopeOf } from '../http/request-scope.js';
import type { FailureSender } from './failure-sender.js';

/** The one filter: whatever a route, guard, pipe, hook or the framework throws leaves in the one failure body. */
@Catch()
export class AppErrorFilter implements ExceptionFilter {
  constructor(
    private readonly sender: FailureSender,
    private readonly adapter: Pick<HttpServer, 'reply'>,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    try {
      if (!(thrown instanceof RepeatedAnswer)) throw thrown;
      this.adapter.reply(reply, repeat(thrown.outcome, reply));
    } catch (error) {
      await scopeOf(request)?.takeSettlement()?.(undefined);
      this.sender.send(error, request, reply);
    }
  }
}
