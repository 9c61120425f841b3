import { AppError } from '@guildhall/sdk';

/** Another engine holds the run now: this one must not write, nor go on. */
export class LeaseLostError extends Error {
  constructor(runId: string) {
    super(`The lease of run ${runId} was lost`);
    this.name = 'LeaseLostError';
  }
}

/** The process stops: the run goes back to the queue as it is. */
export class HandOverError extends Error {
  constructor() {
    super('The process is stopping');
    this.name = 'HandOverError';
  }
}

/** Nothing can go on before a person has answered. */
export class SuspendedError extends Error {
  constructor(readonly needsAttention: boolean) {
    super('The run waits for a person');
    this.name = 'SuspendedError';
  }
}

/** The attempt has its end: whatever its function left under way is let go of. */
export class AttemptEndedError extends Error {
  constructor() {
    super('The attempt has ended');
    this.name = 'AttemptEndedError';
  }
}

/** The agent's function did not repeat what it did before; whatever it did next would be wrong. */
export class NondeterministicError extends AppError {
  constructor(message: string) {
    super('conflict', 'nondeterministic', message);
  }
}
