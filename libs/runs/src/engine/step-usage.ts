import type { TokenUsage } from '@guildhall/sdk';
import { addUsage } from './limits.js';

/** One attempt at a model call, the failed ones included. */
export interface AttemptUsage extends TokenUsage {
  readonly provider: string;
  readonly model: string;
}

/** What a step used in all its attempts; they are listed where there was more than the one that answered. */
export interface StepUsage extends TokenUsage {
  readonly attempts?: readonly AttemptUsage[];
}

/** Undefined where nothing was used. `answered`: the only attempt is the one the step's output tells of. */
export function stepUsage(
  earlier: StepUsage | undefined,
  attempts: readonly AttemptUsage[],
  answered: boolean,
): StepUsage | undefined {
  if (answered && !earlier && attempts.length === 1) return plain(attempts[0]!);
  const all = [...(earlier?.attempts ?? []), ...attempts];
  const parts: readonly TokenUsage[] = earlier ? [plain(earlier), ...attempts.map(plain)] : attempts.map(plain);
  if (parts.length === 0) return undefined;
  return { ...parts.reduce(addUsage), attempts: all };
}

function plain<T extends TokenUsage>(usage: T): TokenUsage {
  const { inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens, costMicroUsd } = usage;
  return {
    inputTokens,
    outputTokens,
    cachedTokens,
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    costMicroUsd,
  };
}
