/** One who listens for news of a run. The first news is enough: whoever hears it looks, and listens anew. */
export class Listening {
  private heard = false;
  private answer: ((heard: boolean) => void) | undefined;

  constructor(readonly stop: () => void) {}

  readonly hear = (): void => {
    this.heard = true;
    this.answer?.(true);
  };

  /** True at the first news since the listening began; false when none came for so long, and it goes on. */
  async heardWithin(timeoutMs: number): Promise<boolean> {
    if (this.heard) return true;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        this.answer = resolve;
        timer = setTimeout(resolve, Math.max(timeoutMs, 0), false);
      });
    } finally {
      clearTimeout(timer);
    }
  }
}
