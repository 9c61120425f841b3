const MAX_WAIT_S = 60;

/** Milliseconds of `wait=N` in a `Prefer` header, at most 60 s; undefined without it, NaN where N is no number. */
export function preferredWaitMs(header: string | readonly string[]): number | undefined {
  const wait = /(?:^|[,;\s])wait(?:=("?)([^",;\s]*)\1)?(?:$|[,;\s])/i.exec(String(header));
  if (!wait) return undefined;
  const seconds = Number(wait[2] || NaN);
  return seconds >= 0 ? Math.min(seconds, MAX_WAIT_S) * 1000 : NaN;
}
