import { ConfigurationError, type ErrorDetail } from '@guildhall/sdk';

/** EX_CONFIG of sysexits.h: the process manager sees that a restart will not help. */
export const EXIT_CONFIGURATION = 78;

/** The settings cannot be used; `details` holds every fault of all of them. */
export class SettingsError extends ConfigurationError {
  constructor(faults: readonly ErrorDetail[]) {
    super(faults.length === 1 ? 'One setting is wrong' : `${faults.length} settings are wrong`, faults);
  }
}

/** What an operator reads: a headline and one line per fault, without a stack. Fits faults of plugins too. */
export function describeFaults(error: ConfigurationError, headline = 'Guildhall cannot start'): string {
  const faults = error.details ?? [];
  return [`${headline}: ${error.message}`, ...faults.map(({ path, message }) => `  ${path}: ${message}`)].join('\n');
}
