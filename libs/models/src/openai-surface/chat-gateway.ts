import { Inject, Injectable } from '@nestjs/common';
import {
  AppError,
  type CallAttribution,
  type ClientReply,
  type ModelReference,
  type RequestContext,
} from '@guildhall/sdk';
import { Accounts } from '../accounting/accounts.js';
import { CLOCK, type Clock } from '../clock.js';
import { ModelMetrics } from '../routing/model-metrics.js';
import { Routes } from '../routing/route.js';
import { type CallServices, type Question, RoutedCall, type Routed } from '../routing/routed-call.js';
import { ChatQuestion } from './chat-question.js';
import type { ChatRequest } from './chat-request.js';
import { EventStream } from './event-stream.js';
import type { Fields } from './faults.js';
import { modelNotFound } from './model-name.js';

const ignore = (): void => undefined;

/** Calls models for clients of OpenAI: the same ranking, breakers, failover and prices as for agents. */
@Injectable()
export class ChatGateway implements CallServices {
  constructor(
    private readonly routes: Routes,
    readonly accounts: Accounts,
    readonly metrics: ModelMetrics,
    @Inject(CLOCK) readonly clock: Clock,
  ) {}

  /** The completion as JSON. */
  async complete(ctx: RequestContext, reference: ModelReference, request: ChatRequest): Promise<string> {
    return (await this.route(ctx, reference, new ChatQuestion(request, ctx.signal), userOf(request.body))).text;
  }

  /** Resolves when the first token is there. */
  async stream(ctx: RequestContext, reference: ModelReference, request: ChatRequest): Promise<EventStream> {
    const stream = new EventStream();
    const question = new ChatQuestion(request, ctx.signal, stream.write);
    this.route(ctx, reference, question, userOf(request.body)).then(
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
    attribution: CallAttribution = {},
  ): Promise<Routed<Reply>> {
    const route = await this.routes.resolve(ctx, reference).catch((error: unknown) => {
      const isUnknown = AppError.is(error) && error.code === 'invalid_reference';
      throw isUnknown ? modelNotFound(`${reference.provider}/${reference.name}`) : error;
    });
    try {
      return await new RoutedCall(ctx, question, this, ignore, { attribution }).run(route);
    } catch (error) {
      throw asClientsError(error) ?? error;
    }
  }
}

/** OpenAI's requests name the end user in `user`. */
export function userOf({ user }: Fields): CallAttribution {
  return typeof user === 'string' && user !== '' ? { userId: user } : {};
}

/**
 * Where all of them are busy, that is a rate limit, which a client of OpenAI knows how to wait for; where all of them
 * refuse the request, it is the request that is wrong, and no reason to send it again.
 */
function asClientsError(error: unknown): AppError | undefined {
  if (!AppError.is(error)) return undefined;
  const { code, category, details = [], message, retryAfterMs, provider } = error;
  if (code === 'provider_refused' && category === 'upstream') {
    return new AppError('validation', code, message, { provider, cause: error });
  }
  if (code !== 'all_providers_failed' || details.length === 0) return undefined;
  const areAll = (reason: string): boolean => details.every((detail) => detail.code === reason);
  if (areAll('rate_limited')) {
    return new AppError('rate_limit', 'rate_limited', message, {
      details,
      retryable: true,
      retryAfterMs,
      cause: error,
    });
  }
  return areAll('provider_refused')
    ? new AppError('validation', 'provider_refused', message, { details, cause: error })
    : undefined;
}
