import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';

/** Where a run of the agent ends at the latest. */
export class LimitsDto {
  /** Model calls, tool calls and other recorded steps. */
  @ApiProperty({ type: 'integer', required: false, minimum: 1, default: 12 })
  @IsInt()
  @Min(1)
  @Max(1000)
  maxSteps: number = 12;

  /** Input and output tokens of all model calls together. */
  @ApiProperty({ type: 'integer', required: false, minimum: 1, default: 100000 })
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  maxTokens: number = 100_000;

  @ApiProperty({ type: 'integer', required: false, minimum: 0, default: 50000 })
  @IsInt()
  @Min(0)
  @Max(1_000_000_000_000)
  maxCostMicroUsd: number = 50_000;

  @ApiProperty({ type: 'integer', required: false, minimum: 1, default: 120000 })
  @IsInt()
  @Min(1)
  @Max(604_800_000)
  timeoutMs: number = 120_000;
}
