import { cappedSum } from '@guildhall/sdk';
import { type BoundLimit, windowKey } from './budget-window.js';

/** What a window's calls have cost, and what calls under way may yet cost. Micro-USD. */
export interface Balance {
  spent: number;
  reserved: number;
}

/** By `windowKey`. A limit without a balance is gone: somebody removed its budget. */
export type Balances = ReadonlyMap<string, Balance>;

export type Decision =
  | { readonly kind: 'granted' }
  /** Only what calls under way have set aside stands in the way: some of it may become free. */
  | { readonly kind: 'busy'; readonly by: BoundLimit }
  | { readonly kind: 'refused'; readonly by: BoundLimit };

const GRANTED: Decision = { kind: 'granted' };

/**
 * Sets `amount` aside in all windows, or in none. A call may be made as long as spent and reserved together are below the
 * limit, so a limit is overstepped by no more than what the last call that it let through may cost.
 */
export function admit(balances: Balances, limits: readonly BoundLimit[], amount: number): Decision {
  const known = limits.flatMap((by) => {
    const balance = balances.get(windowKey(by));
    return balance ? [{ by, balance, most: by.limit.limitMicroUsd }] : [];
  });
  const hard = known.filter(({ by }) => by.limit.hard);
  const spent = hard.find(({ balance, most }) => balance.spent >= most);
  if (spent) return { kind: 'refused', by: spent.by };
  const busy = hard.find(({ balance, most }) => balance.spent + balance.reserved >= most);
  if (busy) return { kind: 'busy', by: busy.by };
  for (const { balance } of known) balance.reserved = cappedSum(balance.reserved, amount);
  return GRANTED;
}

/** Replaces what was set aside by what it cost; returns the limits that this exceeded. */
export function settle(
  balances: Balances,
  limits: readonly BoundLimit[],
  { reserved, cost }: { readonly reserved: number; readonly cost: number },
): BoundLimit[] {
  return limits.filter((bound) => {
    const balance = balances.get(windowKey(bound));
    if (!balance) return false;
    const { limitMicroUsd } = bound.limit;
    const before = balance.spent;
    balance.reserved = Math.max(0, balance.reserved - reserved);
    balance.spent = cappedSum(balance.spent, cost);
    return before < limitMicroUsd && balance.spent >= limitMicroUsd;
  });
}
