/**
 * What to write instead of a batch that failed because of one of its entries: its halves, and so on until that entry
 * stands alone. One bad entry of a thousand costs twenty statements, and the others are stored.
 */
export function halves<Entry>(batch: readonly Entry[]): (readonly Entry[])[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}
