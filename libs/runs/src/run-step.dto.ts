import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery } from '@guildhall/core';
import type { TokenUsage } from '@guildhall/sdk';
import { STEP_KINDS, STEP_STATUSES, type StepKind, type StepStatus } from './commit/run-progress.statement.js';
import type { AttemptUsage, StepUsage } from './engine/step-usage.js';
import { RunErrorDto, UsageDto } from './run.dto.js';
import type { StepContent, StepOutline } from './run.repository.js';
import type { StoredError } from './run.js';
import type { ShownStep } from './shown-steps.js';

/** What one attempt at a model call used. */
export class AttemptUsageDto extends UsageDto implements AttemptUsage {
  @ApiProperty({ example: 'groq' })
  provider: string;

  @ApiProperty({ example: 'llama-4' })
  model: string;
}

export class StepUsageDto extends UsageDto implements StepUsage {
  /** Each that its provider counted, where there was more than the one that answered. */
  @ApiPropertyOptional({ type: [AttemptUsageDto] })
  attempts?: readonly AttemptUsageDto[];
}

export class RunStepListQuery extends PageQuery {
  @ApiProperty({
    description: 'How many items, 1 to 100; a page of more than 4 MiB ends early',
    type: 'integer',
    required: false,
    minimum: 1,
    maximum: 100,
    default: 100,
  })
  override limit: number = 100;
}

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

  @ApiPropertyOptional({ type: StepUsageDto })
  usage?: StepUsage;
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

/** What one step of a run used. */
export class RunStepUsageDto {
  @ApiProperty({ example: 'stp_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  stepId: string;

  @ApiProperty({ example: 'default' })
  name: string;

  @ApiProperty({ enum: STEP_STATUSES, example: 'succeeded' })
  status: StepStatus;

  @ApiProperty({ type: StepUsageDto })
  usage: StepUsage;
}

export class RunUsageDto {
  /** The sum of the steps. */
  @ApiProperty({ type: UsageDto })
  usage: TokenUsage;

  /** In their order, those that used something. Removed with the run's steps, when it is old. */
  @ApiProperty({ type: [RunStepUsageDto] })
  steps: readonly RunStepUsageDto[];

  @ApiProperty({ type: [ModelUsageDto] })
  byModel: readonly ModelUsageDto[];
}

export function toRunUsageDto(
  usage: TokenUsage,
  steps: readonly StepOutline[],
  byModel: readonly ModelUsageDto[],
): RunUsageDto {
  return {
    usage,
    steps: steps.flatMap(({ id: stepId, name, status, usage: used }) =>
      used ? [{ stepId, name, status, usage: used }] : [],
    ),
    byModel,
  };
}

export function toRunStepDto(shown: ShownStep, { input, output }: StepContent): RunStepDto {
  const { error, usage, startedAt, finishedAt, hasOutput, ...step } = shown;
  return {
    ...step,
    input,
    output: hasOutput ? output : null,
    ...(error ? { error } : {}),
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    ...(usage ? { usage } : {}),
  };
}
