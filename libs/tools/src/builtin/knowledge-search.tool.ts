import { Inject } from '@nestjs/common';
import { z } from 'zod';
import {
  type Passage,
  RETRIEVER,
  type Retriever,
  Tool,
  type ToolContext,
  type ToolHandler,
  ValidationError,
} from '@guildhall/sdk';

const Input = z.strictObject({
  query: z.string().trim().min(1).max(2000).describe('What to look for, in plain words'),
  collectionId: z.string().max(64).optional().describe('One collection to search; default: all the agent may read'),
  topK: z.int().min(1).max(20).default(5).describe('How many passages to return'),
});

type SearchInput = z.output<typeof Input>;

/** Lets a model look things up itself, in the collections its agent may read and no others. */
@Tool({
  name: 'knowledge.search',
  description:
    'Searches the documents the agent may read. Returns passages, best first, with the ids and character offsets to cite.',
  input: Input,
  effect: 'read',
})
export class KnowledgeSearch implements ToolHandler<SearchInput> {
  constructor(@Inject(RETRIEVER) private readonly retriever: Retriever) {}

  async execute({ query, collectionId, topK }: SearchInput, ctx: ToolContext) {
    const collectionIds = searched(ctx, collectionId);
    const groups = ctx.groups;
    const found = await Promise.all(
      collectionIds.map(async (id) => {
        const { hits } = await this.retriever.retrieve(ctx, { collectionId: id, query, topK, groups });
        return hits.map((hit, rank) => ({ rank, passage: toPassage(id, hit) }));
      }),
    );
    // Scores of different collections do not compare, ranks do: the firsts of all, then the seconds.
    const merged = found.flat().toSorted((a, b) => a.rank - b.rank);
    return { passages: merged.slice(0, topK).map(({ passage }) => passage) };
  }
}

function searched(ctx: ToolContext, collectionId: string | undefined): readonly string[] {
  const open = ctx.collectionIds;
  if (collectionId === undefined && open.length > 0) return open;
  if (collectionId !== undefined && open.includes(collectionId)) return [collectionId];
  const message =
    open.length === 0
      ? "No collection is open to this call: an agent reads those in its 'knowledge'"
      : `Not a collection of this agent; it may read ${open.join(', ')}`;
  throw new ValidationError(message, [{ path: 'input.collectionId', code: 'invalid_reference', message }]);
}

function toPassage(collectionId: string, hit: Passage) {
  const { chunkId, documentId, documentTitle, text, score, charStart, charEnd, page, headingPath, repeated } = hit;
  return {
    collectionId,
    documentId,
    documentTitle,
    chunkId,
    charStart,
    charEnd,
    page,
    headingPath,
    repeated,
    score,
    text,
  };
}
