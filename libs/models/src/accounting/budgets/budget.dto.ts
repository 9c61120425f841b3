import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, Length } from 'class-validator';
import { IsWhole, Nullable, Optional } from '@guildhall/core';
import { MAX_MICRO_USD } from '@guildhall/sdk';
import type { Balance } from './admit.js';
import { BUDGET_PERIODS, BUDGET_SCOPES, type Budget, type BudgetPeriod, type BudgetScope } from './budget.js';
import type { Window } from './budget-window.js';

export class CreateBudgetDto {
  @ApiProperty({ required: false, example: 'All agents, monthly' })
  @Optional()
  @IsString()
  @Length(1, 200)
  name?: string;

  /** Whose model calls it limits: all of the tenant's, or those of one agent, to one provider, for one end user. */
  @ApiProperty({ enum: BUDGET_SCOPES, example: 'tenant' })
  @IsIn(BUDGET_SCOPES)
  scope: BudgetScope;

  /** The agent's or provider's id, or the end user as callers name them. Left out for the whole tenant. */
  @ApiProperty({ required: false, example: 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  @Optional()
  @IsString()
  @Length(1, 200)
  scopeId?: string;

  /** Days and months begin at midnight UTC. */
  @ApiProperty({ enum: BUDGET_PERIODS, example: 'month' })
  @IsIn(BUDGET_PERIODS)
  period: BudgetPeriod;

  /** Millionths of a US dollar; 0 lets no call through. */
  @ApiProperty({ example: 20_000_000 })
  @IsWhole(0, MAX_MICRO_USD)
  limitMicroUsd: number;

  /** Whether calls are refused when it is used up; else only the event `budget.exceeded` tells of it. */
  @ApiProperty({ required: false, default: true })
  @IsBoolean()
  hard: boolean = true;
}

export class UpdateBudgetDto {
  /** Null takes it away. */
  @ApiProperty({ required: false, type: String, nullable: true, example: 'Support, monthly' })
  @Nullable()
  @IsString()
  @Length(1, 200)
  name?: string | null;

  /** Millionths of a US dollar. */
  @ApiProperty({ required: false, example: 30_000_000 })
  @Optional()
  @IsWhole(0, MAX_MICRO_USD)
  limitMicroUsd?: number;

  @ApiProperty({ required: false, example: false })
  @Optional()
  @IsBoolean()
  hard?: boolean;
}

export class BudgetDto {
  @ApiProperty({ example: 'bud_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  id: string;

  @ApiProperty({ type: String, nullable: true, example: 'Support, monthly' })
  name: string | null;

  @ApiProperty({ enum: BUDGET_SCOPES, example: 'agent' })
  scope: BudgetScope;

  @ApiProperty({ type: String, nullable: true, example: 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  scopeId: string | null;

  @ApiProperty({ enum: BUDGET_PERIODS, example: 'month' })
  period: BudgetPeriod;

  @ApiProperty({ type: 'integer', example: 20_000_000 })
  limitMicroUsd: number;

  @ApiProperty({ example: true })
  hard: boolean;

  /** In this period. */
  @ApiProperty({ type: 'integer', example: 1_250_000 })
  spentMicroUsd: number;

  /** What calls under way may yet cost. */
  @ApiProperty({ type: 'integer', example: 40_000 })
  reservedMicroUsd: number;

  /** What is neither spent nor reserved. */
  @ApiProperty({ type: 'integer', example: 18_710_000 })
  remainingMicroUsd: number;

  /** When the next period begins; null for a budget in all. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-12-01T00:00:00.000Z' })
  resetsAt: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  updatedAt: string;
}

export function toBudgetDto(budget: Budget, { endsAt }: Window, { spent, reserved }: Balance): BudgetDto {
  const { revision: _, createdAt, updatedAt, ...definition } = budget;
  return {
    ...definition,
    spentMicroUsd: spent,
    reservedMicroUsd: reserved,
    remainingMicroUsd: Math.max(0, budget.limitMicroUsd - spent - reserved),
    resetsAt: endsAt === undefined ? null : new Date(endsAt).toISOString(),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
