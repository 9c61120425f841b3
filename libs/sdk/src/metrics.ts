/** For values that a plugin wants to see at `/metrics`. */
export interface MetricRecorder {
  /**
   * Sets the gauge `name` for these labels. Bounded: the labels' names are those of the first call, and what would make
   * too many series (200 names, 500 combinations of labels each) is dropped and counted. So labels come from fixed sets,
   * never from what users send.
   *
   * @example
   * metrics.recordMetric('shop_stock_age_seconds', 42, { shop: 'berlin' });
   */
  recordMetric(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
}

export const METRICS = Symbol.for('guildhall.metrics');
