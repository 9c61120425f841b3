import { z } from 'zod';
import { type Answer, BUILTIN_PROVIDER, type RunContext, Worker, type WorkerHandler } from '@guildhall/sdk';
import { ModelChoice } from './model-reference.js';

const Data = z.strictObject({
  text: z.string().min(1).max(20_000).describe('What to say'),
  direct: z.boolean().default(false).describe('Say it word for word instead of in words that fit the conversation'),
  model: ModelChoice,
});

type MessageData = z.output<typeof Data>;

/** Says something: as a reply that fits the conversation, or word for word where told to or without a model to fit it. */
@Worker({ name: 'message', description: 'Says a text, verbatim or fitted into the conversation', data: Data })
export class MessageWorker implements WorkerHandler<MessageData> {
  async process(ctx: RunContext, { text, direct, model }: MessageData): Promise<Answer> {
    if (direct) return { text, citations: [] };
    const brief = `Reply to the user. Your reply must convey the following, in words that fit the conversation:\n${text}`;
    const messages = [{ role: 'system' as const, text: brief }, ...(await ctx.conversation())];
    const reply = await ctx.model({ model, messages });
    // It answers from documents, and this is no question to them.
    if (reply.provider === BUILTIN_PROVIDER) return { text, citations: [] };
    return { text: reply.text, citations: reply.citations, ...(reply.data && { data: reply.data }) };
  }
}
