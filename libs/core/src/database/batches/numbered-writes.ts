import { isFaultOfEntry } from '../database-error.js';
import { halves } from './halves.js';

interface Batch<Entry> {
  readonly entries: readonly Entry[];
  /** Since it was first tried. */
  readonly number?: number;
}

/**
 * Entries on their way into the database, batch by batch, each under a number that grows: a write whose answer was lost
 * is repeated under its number, by which the database knows it. While the database is at fault everything is kept, in
 * order. Where an entry is, its batch goes on by halves until that entry stands alone and is set aside: it is not tried
 * again, and the others are written.
 */
export class NumberedWrites<Entry> {
  private batches: Batch<Entry>[] = [];
  private last = 0;

  constructor(
    private readonly write: (entries: readonly Entry[], number: number) => Promise<void>,
    private readonly setAside: (entry: Entry, error: unknown) => void,
  ) {}

  get isEmpty(): boolean {
    return this.batches.length === 0;
  }

  /** All that is not known to be written. */
  get left(): Entry[] {
    return this.batches.flatMap(({ entries }) => entries);
  }

  add(entries: readonly Entry[]): void {
    if (entries.length > 0) this.batches.push({ entries });
  }

  /** Takes out what is no longer wanted; what was written of it without our knowledge stays so. */
  retain(isWanted: (entry: Entry) => boolean): void {
    const batches = this.batches.map((batch) => ({ ...batch, entries: batch.entries.filter(isWanted) }));
    this.batches = batches.filter(({ entries }) => entries.length > 0);
  }

  /** Resolves when all is written or set aside; rejects, and keeps the rest, when the database is at fault. */
  async flush(): Promise<void> {
    for (let batch = this.batches[0]; batch; batch = this.batches[0]) {
      const { entries, number = ++this.last } = batch;
      this.batches[0] = { entries, number };
      try {
        await this.write(entries, number);
        this.batches.shift();
      } catch (error) {
        if (!isFaultOfEntry(error)) throw error;
        this.batches.shift();
        if (entries.length > 1) this.batches.unshift(...halves(entries).map((half) => ({ entries: half })));
        else this.setAside(entries[0]!, error);
      }
    }
  }
}
