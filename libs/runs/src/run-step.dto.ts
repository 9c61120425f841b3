import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { TokenUsage } from '@guildhall/sdk';
import { STEP_KINDS, STEP_STATUSES, type StepKind, type StepStatus } from './commit/run-progress.statement.js';
import { RunErrorDto, UsageDto } from './run.dto.js';
import type { RunStep } from './run.repository.js';
import type { StoredError } from './run.js';

/** One recorded step of a run. */
export class RunStepDto {
  @ApiProperty({ example: 'stp_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  id: string;

  @ApiProperty({ enum: STEP_KINDS, example: 'tool' })
  kind: StepKind;

  /** The tool, worker, collection or model route. */
  @ApiProperty({ example: 'calculator' })
  name: string;

  @ApiProperty({ enum: STEP_STATUSES, example: 'succeeded' })
  status: StepStatus;

  @ApiProperty({ type: 'integer', example: 1 })
  attempt: number;

  /** Of a model call a summary: the conversation is not repeated. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, example: { expression: '6*6' } })
  input: unknown;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, example: { result: '36' } })
  output: unknown;

  @ApiPropertyOptional({ type: RunErrorDto })
  error?: StoredError;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  startedAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T09:30:00.020Z' })
  finishedAt: string | null;

  @ApiPropertyOptional({ type: UsageDto })
  usage?: TokenUsage;
}

/** What one model of one provider was used for in a run. */
export class ModelUsageDto extends UsageDto {
  @ApiProperty({ example: 'groq' })
  provider: string;

  @ApiProperty({ example: 'llama-4' })
  model: string;

  @ApiProperty({ type: 'integer', example: 2 })
  calls: number;
}

export class RunUsageDto {
  @ApiProperty({ type: UsageDto })
  usage: TokenUsage;

  @ApiProperty({ type: [ModelUsageDto] })
  byModel: readonly ModelUsageDto[];
}

export function toRunStepDto({ error, usage, startedAt, finishedAt, ...step }: RunStep): RunStepDto {
  return {
    ...step,
    ...(error ? { error } : {}),
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    ...(usage ? { usage } : {}),
  };
}
