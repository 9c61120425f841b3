import type { AgentDefinition, Passage, RunContext } from '@guildhall/sdk';

/**
 * What the agent's collections hold on the question; undefined where there are none or nothing was asked of them, which
 * is not the same as nothing found. Scores of different collections do not compare, ranks do: the firsts of all, then the seconds.
 */
export async function retrieveKnowledge(
  ctx: RunContext,
  { knowledge }: AgentDefinition,
): Promise<Passage[] | undefined> {
  const query = ctx.input.text?.trim();
  if (knowledge.length === 0 || !query) return undefined;
  const results = await Promise.all(knowledge.map((source) => ctx.retrieve({ ...source, query })));
  const ranked = results.flatMap(({ hits }) => hits.map((passage, rank) => ({ passage, rank })));
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ passage }) => passage);
}
