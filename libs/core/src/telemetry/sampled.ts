const FRESH_MS = 2_000;
const PATIENCE_MS = 1_000;

/**
 * A reading for `Metrics.observe` that asks the database: taken at most every two seconds, however many look. Undefined
 * where it fails or takes longer than a second: a database that is away, of which other metrics tell, must not keep
 * anybody from reading the rest.
 */
export function sampled(read: () => Promise<number>): () => Promise<number | undefined> {
  let current: Promise<number | undefined> | undefined;
  const take = () => {
    const reading = read().catch(() => undefined);
    void reading.then(() => setTimeout(() => (current = undefined), FRESH_MS).unref());
    return reading;
  };
  return () => withinPatience((current ??= take()));
}

async function withinPatience<T>(reading: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), PATIENCE_MS)));
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}
