import { AppError } from '@guildhall/sdk';
import { PROVEN, type Verdict } from '../registry/standing.js';
import { isProvidersFault, isRateLimit } from './provider-fault.js';

/** It has no list of models, or none in a form that is known: that says nothing of how it answers. */
export const undecided = (provider: string): Verdict => ({
  kind: 'undecided',
  reason: `Only a call can tell whether provider '${provider}' answers: POST /api/v1/providers/${provider}/test makes one`,
});

/** What it says of a provider that it could not be asked for its models. */
export function verdictOfListing(provider: string, error: unknown): Verdict {
  const isMalformed = AppError.is(error) && error.code === 'provider_malformed_reply';
  return isMalformed || !isFailure(error) ? undecided(provider) : failed(provider, error);
}

/** What a call of it says; undefined where that is nothing. */
export function verdictOfCall(provider: string, error: unknown): Verdict | undefined {
  if (error === undefined) return PROVEN;
  return isFailure(error) ? failed(provider, error) : undefined;
}

/** A provider answers if one of its endpoints does. */
export function bestVerdict(verdicts: readonly Verdict[]): Verdict {
  const ofKind = (kind: Verdict['kind']) => verdicts.find((verdict) => verdict.kind === kind);
  return ofKind('proven') ?? ofKind('undecided') ?? verdicts[0]!;
}

/** Who asks for a pause is there. */
const isFailure = (error: unknown): boolean => isProvidersFault(error) && !isRateLimit(error);

function failed(provider: string, error: unknown): Verdict {
  return { kind: 'failed', reason: AppError.is(error) ? error.message : `Provider '${provider}' cannot be reached` };
}
