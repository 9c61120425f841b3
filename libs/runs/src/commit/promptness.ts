/** Knows whether a thing that is done again and again, one at a time, is done in good time. */
export class Promptness {
  private begunAt: number | undefined;
  private failed = false;

  /** `limitMs`: how long it may take. */
  constructor(private readonly limitMs: number) {}

  /** The last time it did not fail, and now it is not late. */
  get isPrompt(): boolean {
    return !this.failed && (this.begunAt === undefined || performance.now() - this.begunAt < this.limitMs);
  }

  async watch<T>(work: () => Promise<T>): Promise<T> {
    this.begunAt = performance.now();
    try {
      const result = await work();
      this.failed = false;
      return result;
    } catch (error) {
      this.failed = true;
      throw error;
    } finally {
      this.begunAt = undefined;
    }
  }
}
