import { AppError, type RequestContext, UnavailableError } from '@guildhall/sdk';
import { Shares } from './shares.js';

/** What an answer that stays open is for: sending pieces as they come, or waiting for what comes. */
export type OpenAnswer = 'stream' | 'wait';

type Caller = Pick<RequestContext, 'tenantId' | 'actor'>;

/** The answers that stay open. They hold no place of a request that is worked on, so they have limits of their own. */
export class OpenAnswers {
  private readonly places: Shares;
  private readonly ofKeys = { stream: new Map<string, number>(), wait: new Map<string, number>() };

  constructor(
    total: number,
    private readonly maxPerKey: Readonly<Record<OpenAnswer, number>>,
  ) {
    this.places = new Shares(total);
  }

  get count(): number {
    return this.places.taken;
  }

  countOf(kind: OpenAnswer): number {
    return this.ofKeys[kind].values().reduce((all, open) => all + open, 0);
  }

  /** The refusal, where there is no place. */
  enter(kind: OpenAnswer, { tenantId, actor }: Caller): AppError | undefined {
    const ofKeys = this.ofKeys[kind];
    const open = ofKeys.get(actor.id) ?? 0;
    if (open >= this.maxPerKey[kind]) return tooManyOfKey(kind, this.maxPerKey[kind]);
    if (!this.places.tryTake(tenantId)) return tooManyOfAll();
    ofKeys.set(actor.id, open + 1);
    return undefined;
  }

  leave(kind: OpenAnswer, { tenantId, actor }: Caller): void {
    const ofKeys = this.ofKeys[kind];
    const open = ofKeys.get(actor.id)! - 1;
    if (open > 0) ofKeys.set(actor.id, open);
    else ofKeys.delete(actor.id);
    this.places.give(tenantId);
  }
}

function tooManyOfKey(kind: OpenAnswer, max: number): AppError {
  const message = `This key has ${max} ${kind === 'stream' ? 'streams' : 'waiting requests'} open already`;
  const remedy =
    kind === 'stream' ? 'Close one first, or follow several runs by polling' : 'Wait for some of them first';
  return new AppError('rate_limit', 'rate_limited', message, {
    retryable: true,
    retryAfterMs: 1000,
    details: [{ path: '', code: 'concurrency', message: remedy }],
  });
}

function tooManyOfAll(): AppError {
  const message = 'Too many answers of this server, or of your tenant, are kept open already; repeat this one soon';
  return new UnavailableError('concurrency_limited', message, { retryAfterMs: 1000 });
}
