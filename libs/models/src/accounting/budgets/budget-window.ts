import { dayOf } from '../usage/usage-tally.js';
import type { BudgetPeriod, Limit } from './budget.js';

/** The stretch of time that a limit is for now. */
export interface Window {
  /** Its first day, UTC, `YYYY-MM-DD`. */
  readonly start: string;
  /** When the next one begins; undefined: never. */
  readonly endsAt: number | undefined;
}

/** A limit, and the window in which a call that is made now counts. */
export interface BoundLimit {
  readonly tenantId: string;
  readonly limit: Limit;
  readonly window: Window;
}

const DAY_MS = 86_400_000;
const BEGINNING = '1970-01-01';

export function windowOf(period: BudgetPeriod, now: number): Window {
  const date = new Date(now);
  switch (period) {
    case 'day':
      return { start: dayOf(now), endsAt: (Math.floor(now / DAY_MS) + 1) * DAY_MS };
    case 'month':
      return {
        start: `${dayOf(now).slice(0, 7)}-01`,
        endsAt: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1),
      };
    case 'total':
      return { start: BEGINNING, endsAt: undefined };
  }
}

export const windowKey = ({ tenantId, limit, window }: BoundLimit): string =>
  `${tenantId}\0${limit.id}\0${window.start}`;
