import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Length } from 'class-validator';
import { Optional, PageQuery } from '@guildhall/core';
import type { Answer, Citation, ErrorDetail, RunInput, TokenUsage } from '@guildhall/sdk';
import { RUN_STATUSES, type Run, type RunStatus, type StoredError } from './run.js';

const ID = '01k9x3v7q2m4t6w8y0a2c4e6g8';

export class UsageDto implements TokenUsage {
  @ApiProperty({ type: 'integer', example: 412 })
  inputTokens: number;

  @ApiProperty({ type: 'integer', example: 58 })
  outputTokens: number;

  /** Of the input tokens, those the provider had cached. */
  @ApiProperty({ type: 'integer', example: 0 })
  cachedTokens: number;

  /** Of the output tokens, those spent on thinking; absent where no provider says so. */
  @ApiPropertyOptional({ type: 'integer', example: 20 })
  reasoningTokens?: number;

  /** Millionths of a US dollar. */
  @ApiProperty({ type: 'integer', example: 240 })
  costMicroUsd: number;
}

/** A verbatim quote: `quote` is the document's text from `charStart` to `charEnd`, in UTF-16 code units. */
export class CitationDto implements Citation {
  /** The number in the answer's text: `[1]`. */
  @ApiProperty({ type: 'integer', example: 1 })
  index: number;

  @ApiProperty({ example: `doc_${ID}` })
  documentId: string;

  @ApiProperty({ example: 'Handbook' })
  documentTitle: string;

  @ApiProperty({ example: `chk_${ID}` })
  chunkId: string;

  @ApiPropertyOptional({ type: 'integer', example: 3 })
  page?: number;

  @ApiProperty({ type: 'integer', example: 120 })
  charStart: number;

  @ApiProperty({ type: 'integer', example: 152 })
  charEnd: number;

  @ApiProperty({ example: 'Orders can be returned in 30 days' })
  quote: string;
}

export class RunOutputDto {
  @ApiProperty({ example: 'Orders can be returned in 30 days [1].' })
  text: string;

  @ApiProperty({ type: [CitationDto] })
  citations: readonly Citation[];

  /** What the user may choose from: texts, or `{ label, value }`. */
  @ApiPropertyOptional({ type: 'array', items: {}, example: ['Yes', 'No'] })
  choices?: readonly unknown[];

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { mode: 'extractive' } })
  data?: Record<string, unknown>;
}

/** Why a run or a step did not succeed. */
export class RunErrorDto {
  @ApiProperty({ example: 'all_providers_failed' })
  code: string;

  @ApiProperty({ example: 'upstream' })
  category: string;

  @ApiProperty({ example: 'None of the 2 providers answered' })
  message: string;

  @ApiProperty({ example: true })
  retryable: boolean;

  @ApiPropertyOptional({ example: 'groq' })
  provider?: string;

  /** The reason of each provider, or every fault of an input. */
  @ApiPropertyOptional({ type: 'array', items: { $ref: '#/components/schemas/FailureDetail' } })
  details?: readonly ErrorDetail[];
}

export class RunLinksDto {
  @ApiProperty({ example: `/api/v1/runs/run_${ID}` })
  self: string;

  @ApiProperty({ example: `/api/v1/runs/run_${ID}/events` })
  events: string;

  @ApiProperty({ example: `/api/v1/runs/run_${ID}/steps` })
  steps: string;

  @ApiProperty({ example: `/api/v1/threads/thr_${ID}` })
  thread: string;
}

export class RunDto {
  @ApiProperty({ example: `run_${ID}` })
  id: string;

  @ApiProperty({ example: `thr_${ID}` })
  threadId: string;

  @ApiProperty({ example: `agt_${ID}` })
  agentId: string;

  /** The version it started with and keeps. */
  @ApiProperty({ type: 'integer', example: 1 })
  agentVersion: number;

  @ApiProperty({ enum: RUN_STATUSES, example: 'succeeded' })
  status: RunStatus;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { text: 'How long may I return an order?' } })
  input: RunInput;

  @ApiProperty({ type: RunOutputDto, nullable: true })
  output: Answer | null;

  @ApiPropertyOptional({ type: RunErrorDto })
  error?: StoredError;

  @ApiProperty({ type: UsageDto })
  usage: TokenUsage;

  /** How often it was begun: 1, and one more for each retry or crash of its worker. */
  @ApiProperty({ type: 'integer', example: 1 })
  attempts: number;

  @ApiProperty({ type: 'object', additionalProperties: true, example: {} })
  metadata: Record<string, unknown>;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T09:30:00.000Z' })
  startedAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T09:30:01.200Z' })
  finishedAt: string | null;

  @ApiProperty({ type: RunLinksDto })
  links: RunLinksDto;
}

export class RunListQuery extends PageQuery {
  @ApiPropertyOptional({ enum: RUN_STATUSES })
  @Optional()
  @IsIn(RUN_STATUSES)
  status?: RunStatus;

  @ApiPropertyOptional({ example: `agt_${ID}` })
  @Optional()
  @IsString()
  @Length(1, 100)
  agentId?: string;

  @ApiPropertyOptional({ example: `thr_${ID}` })
  @Optional()
  @IsString()
  @Length(1, 100)
  threadId?: string;

  /** Only runs for this end user: named in the run's `context`, or else by its thread. */
  @ApiPropertyOptional({ example: 'user-42' })
  @Optional()
  @IsString()
  @Length(1, 200)
  userId?: string;
}

export const runPath = (runId: string): string => `/api/v1/runs/${runId}`;

export function toRunDto(run: Run): RunDto {
  const { id, threadId, agentId, agentVersion, status, input, output, error, usage, attempts, metadata } = run;
  const links = {
    self: runPath(id),
    events: `${runPath(id)}/events`,
    steps: `${runPath(id)}/steps`,
    thread: `/api/v1/threads/${threadId}`,
  };
  return {
    id,
    threadId,
    agentId,
    agentVersion,
    status,
    input,
    output,
    ...(error ? { error } : {}),
    usage,
    attempts,
    metadata,
    createdAt: run.createdAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    links,
  };
}
