/** What a scenario found: the figure it measured, and every breach of its bar in a sentence. */
export interface Outcome {
  readonly figure: string;
  readonly breaches: readonly string[];
  /** Set when the machine lacks something the scenario needs; says what. */
  readonly skipped?: string;
}

/** One promise, put to the test by real processes that are killed, stopped and cut off. */
export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  readonly promise: string;
  readonly bar: string;
  /** After this long it has failed. */
  readonly limitMs: { readonly small: number; readonly full: number };
  run(stage: Stage): Promise<Outcome>;
}

/** Where a scenario plays: how big it is, and what is to be cleared away afterwards. */
export class Stage {
  private readonly cleanups: (() => unknown)[] = [];

  constructor(
    readonly full: boolean,
    private readonly write: (line: string) => void,
  ) {}

  /** A count or a duration: small in CI, real with `--full`. */
  size(small: number, full: number): number {
    return this.full ? full : small;
  }

  say(line: string): void {
    this.write(line);
  }

  /** Runs when the scenario is over, last one first. */
  after(cleanup: () => unknown): void {
    this.cleanups.push(cleanup);
  }

  async clear(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).toReversed()) {
      try {
        await cleanup();
      } catch (error) {
        this.write(`could not clear up: ${String(error)}`);
      }
    }
  }
}
