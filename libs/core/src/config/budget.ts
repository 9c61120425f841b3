/** So many in so many seconds. */
export interface Budget {
  readonly count: number;
  readonly seconds: number;
}

export const BUDGET = /^(?:none|([1-9]\d{0,8})\/([1-9]\d{0,4}))$/;

/** Reads `60/60`; undefined for `none`. */
export function budgetOf(text: string): Budget | undefined {
  const [, count, seconds] = BUDGET.exec(text) ?? [];
  return count === undefined ? undefined : { count: Number(count), seconds: Number(seconds) };
}
