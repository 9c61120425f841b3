import { Inject, Injectable } from '@nestjs/common';
import type {
  CallObserver,
  ClientReply,
  GenerateOptions,
  ModelClient,
  ModelGateway,
  ModelReply,
  ModelRequest,
  ModelSignal,
  RequestContext,
} from '@guildhall/sdk';
import { Accounts } from '../accounting/accounts.js';
import { CLOCK, type Clock } from '../clock.js';
import { estimateTokens } from '../text/estimate-tokens.js';
import { withUniqueIds } from './call-ids.js';
import { ModelMetrics } from './model-metrics.js';
import type { CallSize } from './price.js';
import { Routes } from './route.js';
import { type CallServices, type Question, RoutedCall } from './routed-call.js';

const toJson = (value: unknown): string => JSON.stringify(value) ?? '';
const ignore = (): void => undefined;

/** A reply of a model, in our terms. What was handed on of a failed attempt is taken back by the `restart`. */
class Generation implements Question<ClientReply> {
  readonly restartable = true;

  constructor(
    private readonly request: ModelRequest,
    private readonly signal: AbortSignal,
    private readonly onSignal: (signal: ModelSignal) => void,
    private readonly streamed: boolean,
  ) {}

  size(): CallSize {
    const { messages, tools = [], knowledge = [], responseSchema, model } = this.request;
    const said = messages.map((message) => (message.role === 'tool' ? toJson(message.output) : message.text));
    const rest = [...knowledge.map(({ text }) => text), ...(tools.length > 0 ? [toJson(tools)] : [])];
    const inputTokens = estimateTokens(...said, ...rest, ...(responseSchema ? [toJson(responseSchema)] : []));
    return { inputTokens, outputTokens: model.maxOutputTokens };
  }

  async ask(client: ModelClient, model: string, onOutput: () => void, observer: CallObserver): Promise<ClientReply> {
    const { model: reference, ...rest } = this.request;
    const { temperature, maxOutputTokens, seed } = reference;
    const { onBegin, onUsage } = observer;
    const call = { ...rest, model, temperature, maxOutputTokens, seed, signal: this.signal, onBegin, onUsage };
    const onDelta = (text: string) => {
      onOutput();
      this.onSignal({ type: 'delta', text });
    };
    const reply = await client.generate(call, this.streamed ? onDelta : undefined);
    return { ...reply, toolCalls: withUniqueIds(reply.toolCalls, rest.messages) };
  }
}

/** The one way to a model: finds who may answer and asks until one does. */
@Injectable()
export class ModelRouter implements ModelGateway, CallServices {
  constructor(
    private readonly routes: Routes,
    readonly accounts: Accounts,
    readonly metrics: ModelMetrics,
    @Inject(CLOCK) readonly clock: Clock,
  ) {}

  async generate(
    ctx: RequestContext,
    request: ModelRequest,
    onSignal: (signal: ModelSignal) => void = ignore,
    { stream = onSignal !== ignore, ...payer }: GenerateOptions = {},
  ): Promise<ModelReply> {
    const route = await this.routes.resolve(ctx, request.model);
    const question = new Generation(request, ctx.signal, onSignal, stream);
    return new RoutedCall(ctx, question, this, onSignal, payer).run(route);
  }
}
