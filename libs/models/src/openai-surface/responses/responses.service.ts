import { Injectable } from '@nestjs/common';
import type { RequestContext } from '@guildhall/sdk';
import { EventStream } from '../event-stream.js';
import { type NamedModel, namedModel } from '../model-name.js';
import { areaOf, need } from '../need-scope.js';
import { AgentAnswers } from './agent-answers.js';
import type { Answered, Asked, Listener } from './answered.js';
import { GatewayAnswers } from './gateway-answers.js';
import { KeptResponses } from './kept-responses.js';
import { outputItems } from './output-items.js';
import type { ResponseObject } from './response.js';
import { finishedResponse, newResponse } from './response-object.js';
import type { ResponseRequest } from './response-request.js';
import { ResponseWriter } from './response-writer.js';

/** Makes responses, by a model or an agent, and keeps those that shall be kept. */
@Injectable()
export class Responses {
  constructor(
    private readonly gateway: GatewayAnswers,
    private readonly agents: AgentAnswers,
    private readonly kept: KeptResponses,
  ) {}

  async create(ctx: RequestContext, request: ResponseRequest): Promise<ResponseObject> {
    const asked = await this.ask(ctx, request);
    const answered = await this.answer(ctx, asked);
    const response = finishedResponse(newResponse(asked), outputItems(answered), answered);
    await this.keep(ctx, asked, response, answered);
    return response;
  }

  /** Resolves when the first word is there. */
  async stream(ctx: RequestContext, request: ResponseRequest): Promise<EventStream> {
    const asked = await this.ask(ctx, request);
    const stream = new EventStream({ opensSilent: namedModel(request.model).kind === 'agent' });
    this.tell(ctx, asked, stream).then(
      () => stream.end(),
      (error: unknown) => stream.fail(error),
    );
    await stream.opened;
    return stream;
  }

  private async tell(ctx: RequestContext, asked: Asked, stream: EventStream): Promise<void> {
    const writer = new ResponseWriter(newResponse(asked), stream.write);
    try {
      const answered = await this.answer(ctx, asked, writer);
      const response = writer.finish(answered);
      // Before its end is told: who reads it may go on from it at once.
      await this.keep(ctx, asked, response, answered);
      await writer.end(response);
    } catch (error) {
      if (!stream.isOpen || ctx.signal.aborted) throw error;
      const response = writer.fail(error);
      await this.keep(ctx, asked, response);
      await writer.end(response);
    }
  }

  private async ask(ctx: RequestContext, request: ResponseRequest): Promise<Asked> {
    const { previousResponseId: id } = request;
    if (id === undefined) return { request, previous: undefined, earlier: async () => [] };
    const previous = await this.kept.previous(ctx, id);
    need(ctx, `${areaOf(previous.response.model)}:read`);
    return { request, previous, earlier: () => this.kept.conversation(ctx, id) };
  }

  private answer(ctx: RequestContext, asked: Asked, listener?: Listener): Promise<Answered> {
    const named: NamedModel = namedModel(asked.request.model);
    return named.kind === 'agent'
      ? this.agents.answer(ctx, named.agentName, asked, listener)
      : this.gateway.answer(ctx, named.reference, asked, listener);
  }

  private async keep(
    ctx: RequestContext,
    { request }: Asked,
    response: ResponseObject,
    answered?: Answered,
  ): Promise<void> {
    if (!request.store) return;
    await this.kept.keep(ctx, {
      id: response.id,
      previousId: request.previousResponseId ?? null,
      input: request.items,
      response,
      runId: answered?.run?.id ?? null,
      threadId: answered?.run?.threadId ?? null,
    });
  }
}
