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
  /** Oldest first. */
  private outcomes: Outcome[] = [];
  /** Of the successful ones, shortest first: every ranking asks for their middle. */
  private readonly latencies: number[] = [];

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
    while (this.outcomes[0] && this.outcomes[0].at < oldest) this.forgetOldest();
    const succeeded = this.latencies.length;
    const medianMs = this.latencies[Math.floor((succeeded - 1) / 2)];
    return { succeeded, failed: this.outcomes.length - succeeded, medianMs };
  }

  private add(latencyMs: number | undefined): void {
    this.outcomes.push({ at: this.now(), latencyMs });
    if (latencyMs !== undefined) this.latencies.splice(placeOf(latencyMs, this.latencies), 0, latencyMs);
    if (this.outcomes.length > MAX_CALLS) this.forgetOldest();
  }

  private forgetOldest(): void {
    const latencyMs = this.outcomes.shift()?.latencyMs;
    if (latencyMs !== undefined) this.latencies.splice(placeOf(latencyMs, this.latencies), 1);
  }
}

/** Where a value is, or belongs, among sorted ones. */
function placeOf(value: number, sorted: readonly number[]): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
