import type { RunEvent } from './calls.js';
import type { Asked } from './vendors.js';
import { WRONG } from './vendor-faults.js';

/** Why a vendor is given up that may not have read its question. */
const UNREAD = new Set(['provider_timeout', 'provider_unavailable']);

export interface Truth {
  readonly asked: readonly Asked[];
  readonly unreachable: ReadonlySet<string>;
  readonly speaks: boolean;
  /** The vendors have so much to write that a connection may break before they come to read a question. */
  readonly busy: boolean;
}

/** What a run's events say that is not so; empty when they tell the truth. */
export function liesIn(events: readonly RunEvent[], truth: Truth): string[] {
  const of = (type: string) => events.filter((event) => event.type === type).map(({ payload }) => payload);
  const selected = of('provider.selected').map(({ provider }) => provider as string);
  const moves = of('provider.failed_over');
  const lies: string[] = [];

  const asked = truth.asked.map(({ provider }) => provider).toSorted();
  // A vendor that is busy may read a question after it was given up, or never: then it was late, or its connection broke.
  const sent = selected.filter((provider) => !truth.unreachable.has(provider));
  const unread = new Set(moves.filter(({ reason }) => UNREAD.has(String(reason))).map(({ from }) => from));
  const isKnown = (provider: string) => asked.includes(provider) || !unread.has(provider);
  const reached = (truth.busy ? sent.filter(isKnown) : sent).toSorted();
  if (`${reached}` !== `${asked}`) lies.push(`selected ${reached}, but asked were ${asked}`);

  // Who was refused by its breaker was not asked, and is not selected.
  const firstMove = moves.length - selected.length;
  if (firstMove !== -1 && firstMove !== 0) lies.push(`${moves.length} failovers among ${selected.length} attempts`);
  moves.forEach(({ from, to, reason }, index) => {
    const at = index - firstMove;
    if (to !== selected[at]) lies.push(`failed over to ${to}, selected was ${selected[at]}`);
    if (at > 0 && from !== selected[at - 1]) lies.push(`failed over from ${from}, before was ${selected[at - 1]}`);
    if (typeof reason !== 'string') lies.push('a failover without a reason');
  });

  const retried = of('step.retried');
  const spoke = truth.speaks ? selected.length - 1 : 0;
  // What comes together with its own failure may not have been handed on at all; then nothing is to be taken back.
  if (retried.length > spoke) lies.push(`${retried.length} retries told, ${spoke} attempts had spoken`);
  const counts = events.filter(({ seq }) => !retried.some((_, index) => isVoid(events, seq, index)));
  const said = counts.filter(({ type }) => type === 'message.delta').map(({ payload }) => payload.text);
  const [completed] = of('message.completed');
  if (said.join('') !== completed?.text) lies.push(`deltas say '${said.join('')}', the message '${completed?.text}'`);
  if (said.join('').includes(WRONG)) lies.push('words of a failed attempt count');
  return lies;
}

/** Whether an event is a piece that the nth retry took back. */
function isVoid(events: readonly RunEvent[], seq: number, nth: number): boolean {
  const retry = events.filter(({ type }) => type === 'step.retried')[nth]!;
  return seq >= retry.payload.fromSeq && seq < retry.seq;
}
