/** Chunks that a transaction writes or removes: on the embedded database nobody else is served meanwhile. */
export const MAX_CHUNKS = 16;
/** Words that it adds to the index, or takes out of it, but for those of one chunk: each is a row, and new ones are ten. */
const MAX_WORDS = 1500;

/** The items in groups that one transaction takes on: of so many items, and so many words, at most. */
export function* inBatches<T>(items: Iterable<T>, wordsOf: (item: T) => number): Generator<readonly T[]> {
  let batch: T[] = [];
  let words = 0;
  for (const item of items) {
    const more = wordsOf(item);
    if (batch.length === MAX_CHUNKS || (batch.length > 0 && words + more > MAX_WORDS)) {
      yield batch;
      batch = [];
      words = 0;
    }
    batch.push(item);
    words += more;
  }
  if (batch.length > 0) yield batch;
}
