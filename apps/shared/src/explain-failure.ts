import { EXIT_CONFIGURATION, describeFaults } from '@guildhall/core';
import { AppError, ConfigurationError } from '@guildhall/sdk';

export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

/** What an operator reads when a process cannot start: a sentence where we have one, the stack where we do not. */
export function explainFailure(error: unknown): Failure {
  if (AppError.is(error) && error.category === 'configuration') {
    return { text: describeFaults(error as ConfigurationError), exitCode: EXIT_CONFIGURATION };
  }
  // A plugin's hook that failed for a reason with words of its own needs no stack either.
  if (AppError.is(error) || (error instanceof Error && AppError.is(error.cause))) {
    return { text: `Guildhall cannot start: ${error.message}`, exitCode: 1 };
  }
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') {
    const text = `Guildhall cannot start: ${address}:${port} is in use; stop what listens there or set another PORT`;
    return { text, exitCode: 1 };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `Guildhall cannot start: ${text}`, exitCode: 1 };
}
