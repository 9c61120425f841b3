const MAX_CALLS = 100;
const MAX_AGE_MS = 300_000;

export interface CallSummary {
  readonly succeeded: number;
  readonly failed: number;
  /** Until the first output of successful calls; undefined without any. */
  readonly medianMs: number | undefined;
}

interface Outcome {
  readonly at: number;
  /** Undefined: it failed. */
  readonly latencyMs: number | undefined;
}

/** The last calls to one model: at most a hundred, none older than five minutes. */
export class CallWindow {
  private outcomes: Outcome[] = [];

  constructor(private readonly now: () => number) {}

  succeeded(latencyMs: number): void {
    this.add(latencyMs);
  }

  failed(): void {
    this.add(undefined);
  }

  /** Forgets failures: they tell of an outage that is over. */
  recovered(): void {
    this.outcomes = this.outcomes.filter(({ latencyMs }) => latencyMs !== undefined);
  }

  summary(): CallSummary {
    const oldest = this.now() - MAX_AGE_MS;
    const recent = this.outcomes.filter(({ at }) => at >= oldest);
    const latencies = recent.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
    return { succeeded: latencies.length, failed: recent.length - latencies.length, medianMs: median(latencies) };
  }

  private add(latencyMs: number | undefined): void {
    this.outcomes.push({ at: this.now(), latencyMs });
    if (this.outcomes.length > MAX_CALLS) this.outcomes.shift();
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
