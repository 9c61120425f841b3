import { Injectable } from '@nestjs/common';
import type { CallObserver, ClientReply, ModelCall, ModelClient, ModelReference, RequestContext } from '@guildhall/sdk';
import { withUniqueIds } from '../../routing/call-ids.js';
import type { CallSize } from '../../routing/price.js';
import type { Question } from '../../routing/routed-call.js';
import { estimateTokens } from '../../text/estimate-tokens.js';
import { ChatGateway, userOf } from '../chat-gateway.js';
import type { Answered, Asked, Listener } from './answered.js';
import { refuseLooseCalls, toMessages } from './to-messages.js';

type CallWithoutModel = Omit<ModelCall, 'model'>;

/** Answers of models, asked in our terms whatever language they speak: it is the conversation here that is OpenAI's. */
@Injectable()
export class GatewayAnswers {
  constructor(private readonly gateway: ChatGateway) {}

  async answer(ctx: RequestContext, reference: ModelReference, asked: Asked, listener?: Listener): Promise<Answered> {
    const question = new ResponseQuestion(await toCall(ctx, asked), listener);
    const attribution = userOf({ user: asked.request.user });
    const { provider, model, ...reply } = await this.gateway.route(ctx, reference, question, attribution);
    const toolCalls = asked.request.parallelToolCalls ? reply.toolCalls : reply.toolCalls.slice(0, 1);
    return { ...reply, toolCalls, guildhall: { provider, model } };
  }
}

class ResponseQuestion implements Question<ClientReply> {
  /** What a client has read cannot be taken back: OpenAI's streams have no word for it. */
  readonly restartable = false;

  constructor(
    private readonly call: CallWithoutModel,
    /** Absent: the answer comes whole. */
    private readonly listener: Listener | undefined,
  ) {}

  size(): CallSize {
    const { messages, tools = [], maxOutputTokens } = this.call;
    return { inputTokens: estimateTokens(JSON.stringify([messages, tools])), outputTokens: maxOutputTokens };
  }

  async ask(
    client: ModelClient,
    model: string,
    onOutput: () => void,
    { onBegin, onUsage }: CallObserver,
  ): Promise<ClientReply> {
    const { listener } = this;
    const call = { ...this.call, model, onBegin, onUsage };
    const reply = await (listener
      ? client.generate(
          call,
          told(onOutput, (text) => listener.text(text)),
          told(onOutput, (text) => listener.reasoning(text)),
        )
      : client.generate(call));
    return { ...reply, toolCalls: withUniqueIds(reply.toolCalls, call.messages) };
  }
}

function told(onOutput: () => void, tell: (text: string) => void): (text: string) => void {
  return (text) => {
    onOutput();
    tell(text);
  };
}

async function toCall(ctx: RequestContext, { request, ...asked }: Asked): Promise<CallWithoutModel> {
  const items = [...(await asked.earlier()), ...request.items];
  refuseLooseCalls(items);
  const { instructions, tools, schema, maxOutputTokens, temperature } = request;
  const system = instructions === undefined ? [] : [{ role: 'system' as const, text: instructions }];
  return {
    signal: ctx.signal,
    messages: [...system, ...toMessages(items)],
    ...(tools.length > 0 ? { tools } : {}),
    ...(schema === undefined ? {} : { responseSchema: schema }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}
