/** Works on `items`, at most `lanes` at once. The first that throws ends all: `work` is told by the signal. */
export async function inParallel<T>(
  items: readonly T[],
  lanes: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const waiting = items.values();
  const lane = async () => {
    try {
      for (const item of waiting) {
        either.throwIfAborted();
        await work(item, either);
      }
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  if (either.aborted || ends.some(({ status }) => status === 'rejected')) throw either.reason;
}
