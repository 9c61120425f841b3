/** One command of `guildhall`. */
export interface Command {
  /** `plugins doctor` */
  readonly name: string;
  readonly summary: string;
  /** How it is called, with its options. */
  readonly usage: string;
  /** Resolves to the exit code; undefined for a command that stays. Throws `UsageError` for options it cannot read. */
  run(args: readonly string[]): Promise<number | undefined>;
}
