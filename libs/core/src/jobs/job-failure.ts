import { AppError } from '@guildhall/sdk';

/** What a failed job keeps of its error: words for a person, never a stack, SQL or a secret. */
export class JobFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  static of(error: unknown): JobFailure {
    if (AppError.is(error)) return new JobFailure(error.code, error.message);
    return new JobFailure('internal_error', 'The job failed; the log has the cause under its id');
  }

  /** This is what gets stored. */
  toJSON(): { code: string; message: string } {
    return { code: this.code, message: this.message };
  }
}
