import { EXIT_CONFIGURATION, describeFaults } from '@guildhall/core';
import { AppError, ConfigurationError } from '@guildhall/sdk';

export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * What an operator reads when something cannot go on: a sentence where there is one, the stack of what nobody expected.
 * `headline` says what could not.
 */
export function explainFailure(error: unknown, headline = 'Guildhall cannot start'): Failure {
  if (AppError.is(error) && error.category === 'configuration') {
    return { text: describeFaults(error as ConfigurationError, headline), exitCode: EXIT_CONFIGURATION };
  }
  return { text: `${headline}: ${isTold(error) ? error.message : described(error)}`, exitCode: 1 };
}

/** Whose words are meant for people: ours, a plugin's hook that failed for a reason with words, the system's. */
function isTold(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return AppError.is(error) || AppError.is(error.cause) || 'syscall' in error;
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
