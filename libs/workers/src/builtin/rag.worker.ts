import { z } from 'zod';
import { type Answer, type RunContext, ValidationError, Worker, type WorkerHandler } from '@guildhall/sdk';
import { ModelChoice } from './model-reference.js';

const Data = z.strictObject({
  question: z.string().trim().min(1).max(4000).optional().describe("Default: the run's input"),
  collectionIds: z.array(z.string().max(64)).min(1).max(20).describe('The collections to answer from'),
  topK: z.int().min(1).max(100).default(8).describe('Passages taken from each collection'),
  filter: z.record(z.string(), z.unknown()).optional().describe("Conditions on the documents' metadata"),
  instructions: z.string().max(20_000).default('Answer only from the passages given, and cite them.'),
  model: ModelChoice,
});

type RagData = z.output<typeof Data>;

/** Retrieves, then answers from what was found, with citations. */
@Worker({ name: 'rag', description: 'Answers a question from collections, with citations', data: Data })
export class RagWorker implements WorkerHandler<RagData> {
  async process(ctx: RunContext, data: RagData): Promise<Answer> {
    const query = data.question ?? ctx.input.text?.trim();
    if (!query) throw new ValidationError("The worker 'rag' needs a question: give 'question', or the run a text");
    const { topK, filter, model } = data;
    const found = await Promise.all(
      data.collectionIds.map((collectionId) => ctx.retrieve({ collectionId, query, topK, ...(filter && { filter }) })),
    );
    const ranked = found.flatMap(({ hits }) => hits.map((passage, rank) => ({ passage, rank })));
    const knowledge = ranked.toSorted((a, b) => a.rank - b.rank).map(({ passage }) => passage);
    const messages = [
      { role: 'system' as const, text: data.instructions },
      { role: 'user' as const, text: query },
    ];
    const reply = await ctx.model({ model, messages, knowledge });
    return { text: reply.text, citations: reply.citations, ...(reply.data && { data: reply.data }) };
  }
}
