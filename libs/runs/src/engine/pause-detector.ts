/** Why a step does not begin, or does not end, in this process. */
export type PauseReason = 'answer' | 'attention' | 'shutdown';

/** Notices when a run can do nothing more here: some step is blocked, and nothing else is under way. */
export class PauseDetector {
  private live = 0;
  private readonly reasons = new Set<PauseReason>();

  constructor(private readonly onPause: (reasons: ReadonlySet<PauseReason>) => void) {}

  /** Steps are under way. */
  get isLive(): boolean {
    return this.live > 0;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.live++;
    try {
      return await work();
    } finally {
      this.live--;
      this.check();
    }
  }

  /** Never resolves: the function is called anew where and when it can go on. */
  block(reason: PauseReason): Promise<never> {
    this.reasons.add(reason);
    this.check();
    return new Promise(() => {});
  }

  private check(): void {
    if (this.reasons.size === 0 || this.live > 0) return;
    // What has just ended may let the function go on to its next step; that happens before the next turn.
    setImmediate(() => {
      if (this.live === 0) this.onPause(this.reasons);
    });
  }
}
