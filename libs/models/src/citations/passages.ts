import type { ModelMessage, Passage } from '@guildhall/sdk';

type Cited = Pick<
  Passage,
  | 'chunkId'
  | 'documentId'
  | 'documentTitle'
  | 'text'
  | 'score'
  | 'charStart'
  | 'charEnd'
  | 'page'
  | 'headingPath'
  | 'repeated'
>;

/** A passage with the number that an answer cites it by. */
export interface NumberedPassage extends Cited {
  readonly number: number;
}

/** All that an answer to this request may cite: the knowledge given with it, then what tools found, each chunk once. */
export function numberPassages(
  knowledge: readonly Passage[] | undefined,
  messages: readonly ModelMessage[],
): NumberedPassage[] {
  const numbered = new Map<string, NumberedPassage>();
  const add = (passage: Cited) => {
    if (!numbered.has(passage.chunkId)) numbered.set(passage.chunkId, { ...passage, number: numbered.size + 1 });
  };
  knowledge?.forEach(add);
  for (const message of sinceLastQuestion(messages)) {
    if (message.role === 'tool' && !message.failed) passagesIn(message.output)?.forEach(add);
  }
  return [...numbered.values()];
}

/** The messages after the user's last one: the work on the question so far. */
export function sinceLastQuestion(messages: readonly ModelMessage[]): readonly ModelMessage[] {
  return messages.slice(messages.findLastIndex((message) => message.role === 'user') + 1);
}

/** The passages of a search tool's output, or undefined when the output is something else. */
export function passagesIn(output: unknown): readonly Cited[] | undefined {
  if (typeof output !== 'object' || output === null) return undefined;
  const { passages, hits } = output as { passages?: unknown; hits?: unknown };
  const list = Array.isArray(passages) ? passages : hits;
  return Array.isArray(list) && list.every(isPassage) ? list : undefined;
}

function isPassage(value: unknown): value is Cited {
  const passage = value as Partial<Cited> | null;
  return (
    typeof passage === 'object' &&
    typeof passage?.chunkId === 'string' &&
    typeof passage.documentId === 'string' &&
    typeof passage.documentTitle === 'string' &&
    typeof passage.text === 'string' &&
    typeof passage.charStart === 'number' &&
    Array.isArray(passage.headingPath)
  );
}
