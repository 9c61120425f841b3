import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FailureSender } from './failure-sender.js';

/** The one filter: whatever a route, guard, pipe, hook or the framework throws leaves in the one failure body. */
@Catch()
export class AppErrorFilter implements ExceptionFilter {
  constructor(private readonly sender: FailureSender) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.sender.send(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
