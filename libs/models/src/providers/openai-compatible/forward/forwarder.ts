import { AppError, type ForwardCall, type ForwardReply, type OnBytes, type ProviderConfig } from '@guildhall/sdk';
import { estimateTokens } from '../../../text/estimate-tokens.js';
import { Deadlines } from '../../ai-sdk/deadlines.js';
import { malformed, toProviderError } from '../../ai-sdk/failure.js';
import { KeyEcho } from '../../ai-sdk/key-echo.js';
import type { Post } from './post.js';
import { StreamAnswer, WholeAnswer } from './answers.js';
import { fieldsOf, usageFrom } from './wire-usage.js';

type Body = ForwardCall['body'];

/** Passes requests to an endpoint of OpenAI's format as they came, and its answers back. */
export class Forwarder {
  constructor(
    private readonly config: Pick<ProviderConfig, 'id' | 'apiKey' | 'timeouts'>,
    private readonly post: Post,
  ) {}

  async forward({ model, body, signal }: ForwardCall, onBytes?: OnBytes): Promise<ForwardReply> {
    const { id, timeouts } = this.config;
    const deadlines = new Deadlines(id, timeouts, onBytes !== undefined);
    const signals = [signal, deadlines.signal];
    try {
      if (onBytes) return await this.stream(model, body, onBytes, signals, deadlines);
      return await this.whole(model, body, signals);
    } catch (error) {
      const aborted = signals.find((one) => one.aborted);
      if (aborted) throw aborted.reason;
      throw AppError.is(error) && error.provider !== undefined ? error : toProviderError(id, error);
    } finally {
      deadlines.clear();
    }
  }

  private async whole(model: string, body: Body, signals: readonly AbortSignal[]): Promise<ForwardReply> {
    const { id, apiKey } = this.config;
    const answer = new WholeAnswer(id, new KeyEcho(apiKey));
    await this.post(JSON.stringify({ ...body, model }), answer, signals);
    const text = answer.text();
    const reply = parseReply(id, text);
    return { text, usage: usageFrom(reply['usage']) ?? estimated(body, estimateTokens(text)) };
  }

  private async stream(
    model: string,
    body: Body,
    onBytes: OnBytes,
    signals: readonly AbortSignal[],
    deadlines: Deadlines,
  ): Promise<ForwardReply> {
    const asked = fieldsOf(body['stream_options']);
    const { id, apiKey } = this.config;
    const passUsage = asked['include_usage'] === true;
    const answer = new StreamAnswer(id, new KeyEcho(apiKey), passUsage, onBytes, deadlines);
    // Counted whether the caller wants to see it or not.
    const wanted = { ...body, model, stream: true, stream_options: { ...asked, include_usage: true } };
    await this.post(JSON.stringify(wanted), answer, signals);
    const { usage, events } = await answer.end();
    return { text: '', usage: usage ?? estimated(body, events) };
  }
}

/** Checks that it is a reply that came to its end. */
function parseReply(provider: string, text: string): Readonly<Record<string, unknown>> {
  let reply: unknown;
  try {
    reply = JSON.parse(text);
  } catch {
    throw malformed(provider, 'cannot be understood');
  }
  const { choices } = fieldsOf(reply);
  const first = fieldsOf(Array.isArray(choices) ? choices[0] : undefined);
  if (typeof first['message'] !== 'object' || first['message'] === null)
    throw malformed(provider, 'cannot be understood');
  if (typeof first['finish_reason'] !== 'string') throw malformed(provider, 'ended without its finish marker');
  return fieldsOf(reply);
}

/** What a call cost is never nothing, even where the vendor does not count. */
function estimated(body: Body, outputTokens: number): ForwardReply['usage'] {
  const inputTokens = estimateTokens(JSON.stringify(body['messages'] ?? ''));
  return { inputTokens, outputTokens, cachedTokens: 0 };
}
