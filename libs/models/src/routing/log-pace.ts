const PAUSE_MS = 1_000;
/** Words are few; a vendor that finds new ones for every failure fills no memory. */
const MAX_WORDS = 50;

interface Said {
  readonly at: number;
  unsaid: number;
}

/** Lets through one a second of the log lines with the same words, and counts the others. */
export class LogPace {
  private readonly known = new Map<string, Said>();

  constructor(private readonly now: () => number) {}

  /** How many were left out since the last one; undefined: leave this one out. */
  next(words: string): number | undefined {
    const now = this.now();
    const last = this.known.get(words);
    if (last && now - last.at < PAUSE_MS) {
      last.unsaid++;
      return undefined;
    }
    if (this.known.size >= MAX_WORDS) this.known.clear();
    this.known.set(words, { at: now, unsaid: 0 });
    return last?.unsaid ?? 0;
  }
}
