/**
 * What is known of whether a provider answers as it is configured now: nothing; that only a call can tell, because it
 * has nothing else to be asked for; that it failed before it ever answered; that it answered.
 */
export type Verdict =
  { readonly kind: 'unasked' | 'proven' } | { readonly kind: 'undecided' | 'failed'; readonly reason: string };

/** @internal for specs */
export const UNASKED: Verdict = { kind: 'unasked' };
export const PROVEN: Verdict = { kind: 'proven' };

/** One for each configuration. It is proven once and for all: how it does from then on its breaker knows. */
export class Standing {
  private current: Verdict;

  constructor(
    verdict: Verdict = UNASKED,
    /** Keeps a new verdict for other processes and the time after a restart. Never rejects. */
    private readonly keep: (verdict: Verdict) => Promise<void> = async () => undefined,
  ) {
    this.current = verdict;
  }

  get verdict(): Verdict {
    return this.current;
  }

  get isProven(): boolean {
    return this.current.kind === 'proven';
  }

  /** Resolves when it is kept. */
  async learn(verdict: Verdict): Promise<void> {
    const { kind } = this.current;
    this.adopt(verdict);
    if (this.current.kind !== kind) await this.keep(this.current);
  }

  /** What another process learnt. */
  adopt(verdict: Verdict): void {
    if (!this.isProven && verdict.kind !== 'unasked') this.current = verdict;
  }
}
