import { ApiProperty } from '@nestjs/swagger';
import { IsWhole } from '@guildhall/core';
import { MAX_DURATION_MS } from '@guildhall/sdk';

/** Where a run of the agent ends at the latest. */
export class LimitsDto {
  /** Model calls, tool calls and other recorded steps. */
  @ApiProperty({ required: false, default: 25 })
  @IsWhole(1, 1000)
  maxSteps: number = 25;

  /** Input and output tokens of all model calls together. */
  @ApiProperty({ required: false, default: 1000000 })
  @IsWhole(1, 1_000_000_000)
  maxTokens: number = 1_000_000;

  @ApiProperty({ required: false, default: 1000000 })
  @IsWhole(0, 1_000_000_000_000)
  maxCostMicroUsd: number = 1_000_000;

  @ApiProperty({ required: false, default: 600000 })
  @IsWhole(1, MAX_DURATION_MS)
  timeoutMs: number = 600_000;
}
