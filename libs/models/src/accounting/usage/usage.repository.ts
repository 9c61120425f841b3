import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { summed } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import type { UsageGroup, UsageRowDto } from './usage.dto.js';
import type { UsagePeriod } from './usage-period.js';

export interface UsageFilter {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly agentId?: string | undefined;
  readonly userId?: string | undefined;
}

const GROUPS: Readonly<Record<UsageGroup, { readonly column: string; readonly select: string }>> = {
  day: { column: 'day', select: `to_char(day, 'YYYY-MM-DD') AS day` },
  provider: { column: 'provider', select: 'provider' },
  model: { column: 'model', select: 'model' },
  agent: { column: 'agent_id', select: 'agent_id AS "agentId"' },
  user: { column: 'user_id', select: 'user_id AS "userId"' },
};
const FILTERS: Readonly<Record<keyof UsageFilter, string>> = {
  provider: 'provider',
  model: 'model',
  agentId: 'agent_id',
  userId: 'user_id',
};
const SUMS = (
  [
    'calls',
    'failed_calls AS "failedCalls"',
    'unreported_calls AS "unreportedCalls"',
    'input_tokens AS "inputTokens"',
    'cached_tokens AS "cachedTokens"',
    'output_tokens AS "outputTokens"',
    'reasoning_tokens AS "reasoningTokens"',
    'cost_micro_usd AS "costMicroUsd"',
  ] as const
).map((sum) => {
  const [column, name = column] = sum.split(' AS ');
  return `coalesce(${summed(column!)}, 0) AS ${name}`;
});

@Injectable()
export class UsageRepository {
  /** Newest first, then the dearest; no more than `limit`. */
  list(
    tx: EntityManager,
    ctx: RequestContext,
    { from, to }: UsagePeriod,
    groups: readonly UsageGroup[],
    filter: UsageFilter,
    limit: number,
  ): Promise<UsageRowDto[]> {
    const values: unknown[] = [ctx.tenantId, from, to];
    const where = ['tenant_id = $1', 'day BETWEEN $2 AND $3'];
    for (const [name, column] of Object.entries(FILTERS) as [keyof UsageFilter, string][]) {
      if (filter[name] !== undefined) where.push(`${column} = $${values.push(filter[name])}`);
    }
    const columns = groups.map((group) => GROUPS[group].column);
    const order = [...(groups.includes('day') ? ['model_usage.day DESC'] : []), 'sum(cost_micro_usd) DESC', ...columns];
    return tx.query(
      `SELECT ${[...groups.map((group) => GROUPS[group].select), ...SUMS].join(', ')}
       FROM model_usage WHERE ${where.join(' AND ')}
       ${columns.length === 0 ? '' : `GROUP BY ${columns.map((column) => `model_usage.${column}`).join(', ')}`}
       ORDER BY ${order.join(', ')} LIMIT $${values.push(limit)}`,
      values,
    );
  }
}
