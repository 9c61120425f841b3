import {
  AppError,
  type ForwardCall,
  type ForwardReply,
  type OnBytes,
  type ProviderConfig,
  type VendorUsage,
} from '@guildhall/sdk';
import { believableUsage } from '../../../accounting/believable-usage.js';
import { Deadlines } from '../../ai-sdk/deadlines.js';
import { malformed, toProviderError } from '../../ai-sdk/failure.js';
import { KeyEcho } from '../../ai-sdk/key-echo.js';
import type { Limits, Post } from './post.js';
import { StreamAnswer, WholeAnswer } from './answers.js';
import { fieldsOf, usageFrom } from './wire-usage.js';

/** Passes requests to an endpoint of OpenAI's format as they came, and its answers back. */
export class Forwarder {
  constructor(
    private readonly config: Pick<ProviderConfig, 'id' | 'apiKey' | 'timeouts'>,
    private readonly post: Post,
  ) {}

  async forward(call: ForwardCall, onBytes?: OnBytes): Promise<ForwardReply> {
    const { id, timeouts } = this.config;
    const deadlines = new Deadlines(id, timeouts, onBytes !== undefined);
    try {
      if (onBytes) return await this.stream(call, onBytes, deadlines);
      return await this.whole(call, { signal: call.signal, deadlines });
    } catch (error) {
      call.signal.throwIfAborted();
      if (deadlines.expired) throw deadlines.expired;
      throw AppError.is(error) && error.provider !== undefined ? error : toProviderError(id, error);
    } finally {
      deadlines.clear();
    }
  }

  private async whole(call: ForwardCall, limits: Limits): Promise<ForwardReply> {
    const { id, apiKey } = this.config;
    const answer = new WholeAnswer(id, new KeyEcho(apiKey));
    await this.post(JSON.stringify({ ...call.body, model: call.model }), answer, limits);
    const text = answer.text();
    call.onBegin?.();
    const reply = parse(id, text);
    const usage = usageFrom(reply['usage']);
    // Before anything else is found wrong with it: it is paid for all the same.
    if (usage) call.onUsage?.(usage);
    refuseUnfinished(id, reply);
    return { text, ...believed(usage) };
  }

  private async stream(
    { model, body, signal, onBegin, onUsage }: ForwardCall,
    onBytes: OnBytes,
    deadlines: Deadlines,
  ): Promise<ForwardReply> {
    const asked = fieldsOf(body['stream_options']);
    const { id, apiKey } = this.config;
    const passUsage = asked['include_usage'] === true;
    const answer = new StreamAnswer(id, new KeyEcho(apiKey), passUsage, onBytes, deadlines);
    // Counted whether the caller wants to see it or not.
    const wanted = { ...body, model, stream: true, stream_options: { ...asked, include_usage: true } };
    try {
      await this.post(JSON.stringify(wanted), answer, { signal, deadlines }).catch((error: unknown) => {
        // What comes after the end of the answer, be it a broken connection, is no part of it.
        if (!answer.isDone || signal.aborted) throw error;
      });
      await answer.end();
    } finally {
      if (answer.begun) onBegin?.();
      if (answer.usage) onUsage?.(answer.usage);
    }
    return { text: '', ...believed(answer.usage) };
  }
}

type Fields = ReturnType<typeof fieldsOf>;

/** Who keeps accounts hears all that the vendor says; the reply has what can be true of it. */
function believed(reported: VendorUsage | undefined): Pick<ForwardReply, 'usage'> {
  const usage = reported && believableUsage(reported).usage;
  return usage ? { usage } : {};
}

function parse(provider: string, text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    throw malformed(provider, 'cannot be understood');
  }
}

/** Checks that it is a reply that came to its end. */
function refuseUnfinished(provider: string, { choices }: Fields): void {
  const first = fieldsOf(Array.isArray(choices) ? choices[0] : undefined);
  if (typeof first['message'] !== 'object' || first['message'] === null)
    throw malformed(provider, 'cannot be understood');
  // Some vendors say "" where others say null.
  if (typeof first['finish_reason'] !== 'string' || first['finish_reason'] === '')
    throw malformed(provider, 'ended without its finish marker');
}
