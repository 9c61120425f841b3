import { AppError, type ClientReply, type ModelCall, type ModelClient, UpstreamError } from '@guildhall/sdk';
import { numberPassages } from '../../../citations/passages.js';
import { toReply } from '../../ai-sdk/reply.js';
import { ToolNames } from '../../ai-sdk/tool-names.js';
import { toChatBody } from './chat-body.js';
import { readReply } from './chat-reply.js';
import { ChatStream } from './chat-stream.js';

type Hear = (text: string) => void;
type Forwarding = ModelClient & Required<Pick<ModelClient, 'forward'>>;

/**
 * Asks an endpoint of OpenAI's format in that format itself, over the path on which requests are passed through: a
 * fraction of an adapter's cost. What is not just text and tools the adapter behind it translates.
 */
export function directChat(provider: string, client: Forwarding): Forwarding {
  const adapter = client.generate.bind(client);
  const generate = (call: ModelCall, onDelta?: Hear, onReasoning?: Hear): Promise<ClientReply> => {
    if (call.messages.some((message) => message.role === 'user' && message.parts?.length)) {
      return adapter(call, onDelta, onReasoning);
    }
    return ask(provider, client.forward, call, onDelta && { onDelta, onReasoning }).catch(asProvidersRefusal);
  };
  return Object.assign(client, { generate });
}

async function ask(
  provider: string,
  forward: Forwarding['forward'],
  call: ModelCall,
  listener: { onDelta: Hear; onReasoning: Hear | undefined } | undefined,
): Promise<ClientReply> {
  const names = new ToolNames(call.tools);
  const passages = numberPassages(call.knowledge, call.messages);
  const { model, signal, onBegin, onUsage } = call;
  const body = toChatBody(call, passages, names);
  const request = { model, body, signal, ...(onBegin ? { onBegin } : {}), ...(onUsage ? { onUsage } : {}) };
  if (!listener) {
    const { text, usage } = await forward(request);
    return toReply(provider, { ...readReply(provider, text), usage }, { passages, names });
  }
  const stream = new ChatStream(provider, { ...listener, onUsage: (usage) => onUsage?.(usage) });
  const { usage } = await forward(request, (lines) => stream.take(lines));
  return toReply(provider, { ...stream.end(), usage }, { passages, names });
}

/** Here the request is ours, and not the caller's: what is wrong with it is between us and the provider. */
function asProvidersRefusal(error: unknown): never {
  if (!AppError.is(error) || (error.category !== 'validation' && error.category !== 'not_found')) throw error;
  const { message, provider } = error;
  throw new UpstreamError('provider_refused', message, { retryable: false, ...(provider ? { provider } : {}) });
}
