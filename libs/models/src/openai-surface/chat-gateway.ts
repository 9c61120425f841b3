import { Inject, Injectable } from '@nestjs/common';
import { AppError, type ClientReply, type ModelReference, type RequestContext } from '@guildhall/sdk';
import { CLOCK, type Clock } from '../clock.js';
import { Routes } from '../routing/route.js';
import { type Question, RoutedCall, type Routed } from '../routing/routed-call.js';
import { ChatQuestion } from './chat-question.js';
import type { ChatRequest } from './chat-request.js';
import { EventStream } from './event-stream.js';
import { modelNotFound } from './model-name.js';

const ignore = (): void => undefined;

/** Calls models for clients of OpenAI: the same ranking, breakers, failover and prices as for agents. */
@Injectable()
export class ChatGateway {
  constructor(
    private readonly routes: Routes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The completion as JSON. */
  async complete(ctx: RequestContext, reference: ModelReference, request: ChatRequest): Promise<string> {
    return (await this.route(ctx, reference, new ChatQuestion(request, ctx.signal))).text;
  }

  /** Resolves when the first token is there. */
  async stream(ctx: RequestContext, reference: ModelReference, request: ChatRequest): Promise<EventStream> {
    const stream = new EventStream();
    this.route(ctx, reference, new ChatQuestion(request, ctx.signal, stream.write)).then(
      () => stream.end(),
      (error: unknown) => stream.fail(error),
    );
    await stream.opened;
    return stream;
  }

  async route<Reply extends Pick<ClientReply, 'usage'>>(
    ctx: RequestContext,
    reference: ModelReference,
    question: Question<Reply>,
  ): Promise<Routed<Reply>> {
    const route = await this.routes.resolve(ctx, reference).catch((error: unknown) => {
      const isUnknown = AppError.is(error) && error.code === 'invalid_reference';
      throw isUnknown ? modelNotFound(`${reference.provider}/${reference.name}`) : error;
    });
    try {
      return await new RoutedCall(ctx, question, this.clock, ignore).run(route);
    } catch (error) {
      throw asRateLimit(error) ?? error;
    }
  }
}

/** All of them are busy: to a client of OpenAI that is a rate limit, which it knows how to wait for. */
function asRateLimit(error: unknown): AppError | undefined {
  if (!AppError.is(error) || error.code !== 'all_providers_failed') return undefined;
  const { details = [], message, retryAfterMs } = error;
  if (details.length === 0 || details.some(({ code }) => code !== 'rate_limited')) return undefined;
  return new AppError('rate_limit', 'rate_limited', message, { details, retryable: true, retryAfterMs, cause: error });
}
