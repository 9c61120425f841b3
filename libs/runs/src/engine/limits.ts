import {
  type AppError,
  LimitExceededError,
  type RunLimits,
  TimeoutError,
  type TokenUsage,
  cappedSum,
} from '@guildhall/sdk';

export interface Spent {
  readonly steps: number;
  readonly usage: TokenUsage;
}

/** Why the next step may not run, if it may not. Tokens and money matter only before a model is called. */
export function exceededLimit(limits: RunLimits, spent: Spent, callsModel: boolean): AppError | undefined {
  if (spent.steps >= limits.maxSteps) {
    const message = `The run reached its limit of ${limits.maxSteps} steps before it had an answer${raise('maxSteps')}`;
    return new LimitExceededError('max_steps_exceeded', message);
  }
  if (!callsModel) return undefined;
  const tokens = spent.usage.inputTokens + spent.usage.outputTokens;
  if (tokens >= limits.maxTokens) {
    const message = `The run used ${tokens} tokens and may use ${limits.maxTokens}${raise('maxTokens')}`;
    return new LimitExceededError('max_tokens_exceeded', message);
  }
  const cost = spent.usage.costMicroUsd;
  if (cost >= limits.maxCostMicroUsd) {
    return costExceeded(cost, limits.maxCostMicroUsd);
  }
  return undefined;
}

export function costExceeded(spent: number, limit: number): AppError {
  const message = `Cost limit exceeded: the run cost ${spent} micro-USD and may cost ${limit}${raise('maxCostMicroUsd')}`;
  return new LimitExceededError('budget_exceeded', message);
}

export function timedOut(timeoutMs: number): AppError {
  const message = `The run did not end within ${timeoutMs} ms${raise('timeoutMs')}`;
  return new TimeoutError('timed_out', message, { retryable: false });
}

const raise = (field: keyof RunLimits): string => `: raise limits.${field} of the agent`;

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    inputTokens: cappedSum(a.inputTokens, b.inputTokens),
    outputTokens: cappedSum(a.outputTokens, b.outputTokens),
    cachedTokens: cappedSum(a.cachedTokens, b.cachedTokens),
    costMicroUsd: cappedSum(a.costMicroUsd, b.costMicroUsd),
    ...part('cacheWriteTokens', a, b),
    ...part('reasoningTokens', a, b),
  };
}

/** A count that not every vendor gives: absent as long as none has. */
function part<Name extends 'cacheWriteTokens' | 'reasoningTokens'>(
  name: Name,
  a: TokenUsage,
  b: TokenUsage,
): { readonly [Key in Name]?: number } {
  if (a[name] === undefined && b[name] === undefined) return {};
  return { [name]: cappedSum(a[name] ?? 0, b[name] ?? 0) } as { [Key in Name]: number };
}
