import { AppError, type ProviderConfig } from '@guildhall/sdk';
import { Deadlines } from './deadlines.js';
import { toProviderError } from './failure.js';

/** Work for a caller within the provider's time limits, and with its failures in our words. */
export async function withinLimits<T>(
  { id, timeouts }: Pick<ProviderConfig, 'id' | 'timeouts'>,
  caller: AbortSignal,
  streamed: boolean,
  work: (signal: AbortSignal, deadlines: Deadlines) => Promise<T>,
): Promise<T> {
  const deadlines = new Deadlines(id, timeouts, streamed);
  const signal = AbortSignal.any([caller, deadlines.signal]);
  try {
    return await work(signal, deadlines);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw AppError.is(error) && error.provider !== undefined ? error : toProviderError(id, error);
  } finally {
    deadlines.clear();
  }
}
