import { ApiProperty } from '@nestjs/swagger';
import { IsWhole } from '@guildhall/core';
import { MAX_DURATION_MS } from '@guildhall/sdk';

/** Where a run of the agent ends at the latest. */
export class LimitsDto {
  /** Model calls, tool calls and other recorded steps. */
  @ApiProperty({ required: false, default: 12 })
  @IsWhole(1, 1000)
  maxSteps: number = 12;

  /** Input and output tokens of all model calls together. */
  @ApiProperty({ required: false, default: 100000 })
  @IsWhole(1, 1_000_000_000)
  maxTokens: number = 100_000;

  @ApiProperty({ required: false, default: 50000 })
  @IsWhole(0, 1_000_000_000_000)
  maxCostMicroUsd: number = 50_000;

  @ApiProperty({ required: false, default: 120000 })
  @IsWhole(1, MAX_DURATION_MS)
  timeoutMs: number = 120_000;
}
