import { type CallAttribution, type TokenUsage, cappedSum } from '@guildhall/sdk';
import type { UsageEntry } from './usage-book.statement.js';

/** One call to a model, as it is booked. */
export interface BookedCall {
  readonly tenantId: string;
  readonly provider: string;
  readonly model: string;
  readonly attribution: CallAttribution;
  readonly failed: boolean;
  /** Undefined: its vendor began to answer and did not say what that cost, or it never began. */
  readonly usage: TokenUsage | undefined;
  readonly unreported: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Names come from callers; an index takes no more. */
const MAX_NAME = 200;
/** Beyond so many, end users and agents are no longer told apart: money and tokens stay exact, memory stays bounded. */
const MAX_ENTRIES = 10_000;

/** Calls added up by what `/usage` tells apart. */
export class UsageTally {
  private readonly entries = new Map<string, UsageEntry>();

  constructor(private readonly maxEntries = MAX_ENTRIES) {}

  get size(): number {
    return this.entries.size;
  }

  add(call: BookedCall): void {
    const entry = this.entryOf(call);
    entry.calls++;
    if (call.failed) entry.failed_calls++;
    if (call.unreported) entry.unreported_calls++;
    if (!call.usage) return;
    const { inputTokens, cachedTokens, outputTokens, reasoningTokens = 0, costMicroUsd } = call.usage;
    entry.input_tokens = cappedSum(entry.input_tokens, inputTokens);
    entry.cached_tokens = cappedSum(entry.cached_tokens, cachedTokens);
    entry.output_tokens = cappedSum(entry.output_tokens, outputTokens);
    entry.reasoning_tokens = cappedSum(entry.reasoning_tokens, reasoningTokens);
    entry.cost_micro_usd = cappedSum(entry.cost_micro_usd, costMicroUsd);
  }

  list(): UsageEntry[] {
    return [...this.entries.values()];
  }

  private entryOf(call: BookedCall): UsageEntry {
    const { tenantId, provider } = call;
    const day = dayOf(call.at);
    const model = name(call.model);
    const full = this.entries.size >= this.maxEntries;
    const agent = full ? '' : name(call.attribution.agentId);
    const user = full ? '' : name(call.attribution.userId);
    const key = `${tenantId}\0${day}\0${provider}\0${model}\0${agent}\0${user}`;
    const known = this.entries.get(key);
    if (known) return known;
    const entry = emptyEntry({ tenant_id: tenantId, day, provider, model, agent_id: agent, user_id: user });
    this.entries.set(key, entry);
    return entry;
  }
}

type EntryKey = Pick<UsageEntry, 'tenant_id' | 'day' | 'provider' | 'model' | 'agent_id' | 'user_id'>;

const emptyEntry = (key: EntryKey): UsageEntry => ({
  ...key,
  calls: 0,
  failed_calls: 0,
  unreported_calls: 0,
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cost_micro_usd: 0,
});

/** What Postgres stores as text: no NUL, no half characters, and not too much of it. */
function name(text: string | undefined): string {
  if (text === undefined) return '';
  const cut = text.length > MAX_NAME ? text.slice(0, MAX_NAME) : text;
  return cut.isWellFormed() && !cut.includes('\0') ? cut : cut.toWellFormed().replaceAll('\0', '');
}

const DAY_MS = 86_400_000;
let known = { number: -1, text: '' };

/** UTC, `YYYY-MM-DD`; asked for at every call, so the last answer is kept. */
export function dayOf(at: number): string {
  const number = Math.floor(at / DAY_MS);
  if (number !== known.number) known = { number, text: new Date(number * DAY_MS).toISOString().slice(0, 10) };
  return known.text;
}
