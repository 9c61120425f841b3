import { Injectable } from '@nestjs/common';
import type { AppError } from '@guildhall/sdk';
import { type Budget, budgetOf } from '../config/budget.js';
import { Settings } from '../config/settings.js';
import { Errors } from '../errors/errors.js';
import { networkOf } from './network-of.js';

/** Addresses and key ids that are remembered, each; the one that was quiet longest is forgotten first. */
const REMEMBERED = 10_000;
/** What the last attempt of a budget waits; the first waits for nothing. */
const LONGEST_DELAY_MS = 500;

interface Spending {
  count: number;
  readonly until: number;
}

/** What becomes of a request without valid credentials: an answer after so long, or a refusal to look at it. */
export interface Verdict {
  readonly delayMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal?: AppError;
}

const PASSES: Verdict = { delayMs: 0, headers: {} };

/**
 * Slows down, then refuses, who guesses keys: per address, and per key whose secret is guessed from many. Of this process
 * alone. A right key never comes by here, so that nobody's guesses slow its owner down.
 */
@Injectable()
export class WrongKeys {
  private readonly addresses = new Map<string, Spending>();
  private readonly keyIds = new Map<string, Spending>();
  private readonly budget: Budget | undefined;

  constructor(settings: Settings) {
    this.budget = budgetOf(settings.RATE_LIMIT_ANONYMOUS);
  }

  judge(address: string, keyId: string | undefined, now = Date.now()): Verdict {
    const { budget } = this;
    if (!budget) return PASSES;
    const verdicts = [verdictOn('address', spend(this.addresses, networkOf(address), budget, now), budget, now)];
    if (keyId !== undefined) verdicts.push(verdictOn('user', spend(this.keyIds, keyId, budget, now), budget, now));
    return verdicts.toSorted((a, b) => b.delayMs - a.delayMs)[0]!;
  }
}

function spend(all: Map<string, Spending>, name: string, { seconds }: Budget, now: number): Spending {
  const known = all.get(name);
  const spending = known && now < known.until ? known : { count: 0, until: now + seconds * 1000 };
  spending.count++;
  all.delete(name);
  all.set(name, spending);
  if (all.size > REMEMBERED) all.delete(all.keys().next().value!);
  return spending;
}

function verdictOn(kind: 'address' | 'user', { count, until }: Spending, budget: Budget, now: number): Verdict {
  const [left, resetMs] = [Math.max(0, budget.count - count), until - now];
  const headers = {
    ratelimit: `"${kind}";r=${left};t=${Math.ceil(resetMs / 1000)}`,
    'ratelimit-policy': `"${kind}";q=${budget.count};w=${budget.seconds}`,
  };
  if (count <= budget.count) return { delayMs: Math.round(LONGEST_DELAY_MS * (count / budget.count) ** 2), headers };
  const who = kind === 'address' ? 'from this address' : 'that name this key';
  const message = `Too many requests ${who} without valid credentials; send a valid key, or wait`;
  const detail = { path: 'header.authorization', code: kind, message: `Wait ${Math.ceil(resetMs / 1000)} s` };
  return { delayMs: Infinity, headers, refusal: Errors.tooManyRequests(message, resetMs, [detail]) };
}
