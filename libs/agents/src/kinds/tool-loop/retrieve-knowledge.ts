import type { AgentDefinition, Passage, RunContext } from '@guildhall/sdk';

/**
 * What the agent's collections hold on the question; undefined for an agent without any, which is not the same as nothing
 * found. Scores of different collections do not compare, ranks do: the firsts of all, then the seconds.
 */
export async function retrieveKnowledge(
  ctx: RunContext,
  { knowledge }: AgentDefinition,
): Promise<Passage[] | undefined> {
  if (knowledge.length === 0) return undefined;
  const query = ctx.input.text?.trim();
  if (!query) return [];
  const results = await Promise.all(knowledge.map((source) => ctx.retrieve({ ...source, query })));
  const ranked = results.flatMap(({ hits }) => hits.map((passage, rank) => ({ passage, rank })));
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ passage }) => passage);
}
