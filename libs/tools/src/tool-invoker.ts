import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, type RequestContext, type ToolContext, UpstreamError } from '@guildhall/sdk';
import { ToolRegistry } from './tool-registry.js';
import { type ToolOutcome, ToolRunner } from './tool-runner.js';

/** Calls one tool for a client, outside any run. Nobody retries such a call for the client, so each has its own key. */
@Injectable()
export class ToolInvoker {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly runner: ToolRunner,
  ) {}

  async invoke(ctx: RequestContext, id: string, input: unknown): Promise<ToolOutcome> {
    const tool = await this.registry.getById(ctx, id);
    try {
      return await this.runner.run(outsideARun(ctx), tool, input);
    } catch (error) {
      if (ctx.signal.aborted || !AppError.is(error)) throw error;
      throw toInvocationError(error);
    }
  }
}

function outsideARun(ctx: RequestContext): ToolContext {
  const callId = randomUUID();
  return { ...ctx, callId, idempotencyKey: callId, groups: [], collectionIds: [] };
}

/** Faults of the caller and of the clock keep their code; whatever else went wrong inside is the tool's failure. */
function toInvocationError(error: AppError): AppError {
  if (['validation', 'authorization', 'timeout'].includes(error.category)) return error;
  const { message, details, retryable, retryAfterMs } = error;
  return new UpstreamError('tool_failed', message, { cause: error, details, retryable, retryAfterMs });
}
