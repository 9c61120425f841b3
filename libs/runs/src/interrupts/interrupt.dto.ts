import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Length, MaxLength } from 'class-validator';
import { MaxJsonBytes, Nullable, Optional, PageQuery } from '@guildhall/core';
import type { Answerer, InterruptKind, InterruptResponse, ToolCall } from '@guildhall/sdk';
import { INTERRUPT_STATUSES, type Interrupt, type InterruptStatus } from './interrupt.repository.js';

const ID = '01k9x3v7q2m4t6w8y0a2c4e6g8';
const KINDS = ['approval', 'question', 'choice', 'unknown_effect'] as const satisfies readonly InterruptKind[];
const DECISIONS = ['approve', 'reject', 'done', 'retry'] as const satisfies readonly InterruptResponse['decision'][];

const ANY_JSON = ['string', 'number', 'boolean', 'object', 'array'].map((type) => ({
  type,
  ...(type === 'array' ? { items: {} } : {}),
}));

export class ToolCallDto implements ToolCall {
  @ApiProperty({ example: 'call_1' })
  id: string;

  @ApiProperty({ example: 'refund' })
  tool: string;

  /** The arguments it runs with, once approved. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { orderId: 'A-17' } })
  input: unknown;
}

/** A question that a run has for a person. */
export class InterruptDto {
  @ApiProperty({ example: `int_${ID}` })
  id: string;

  @ApiProperty({ example: `run_${ID}` })
  runId: string;

  @ApiProperty({ enum: KINDS, example: 'approval' })
  kind: InterruptKind;

  @ApiProperty({ example: `May 'refund' be called with these arguments?` })
  prompt: string;

  @ApiPropertyOptional({ type: ToolCallDto })
  toolCall?: ToolCall;

  /** JSON Schema of the `value` to answer with; empty: any, where the decision takes one. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: {} })
  responseSchema: Record<string, unknown>;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' })
  expiresAt: string;

  @ApiProperty({ enum: INTERRUPT_STATUSES, example: 'pending' })
  status: InterruptStatus;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { decision: 'approve' } })
  response?: InterruptResponse;

  /** Who may answer; `other`: not the key that started the run. */
  @ApiProperty({ enum: ['anyone', 'other'], example: 'anyone' })
  by: Answerer;

  /** The key that answered. */
  @ApiPropertyOptional({ example: `key_${ID}` })
  respondedBy?: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2026-11-22T09:31:00.000Z' })
  respondedAt?: string;
}

export class InterruptListQuery extends PageQuery {
  @ApiPropertyOptional({ enum: INTERRUPT_STATUSES, default: 'pending' })
  @Optional()
  @IsIn(INTERRUPT_STATUSES)
  status: InterruptStatus = 'pending';

  @ApiPropertyOptional({ example: `run_${ID}` })
  @Optional()
  @IsString()
  @Length(1, 100)
  runId?: string;
}

export class RespondDto implements InterruptResponse {
  /** An approval: approve or reject. A question or choice: done (with the value) or reject. An unknown effect: done, retry or reject. */
  @ApiProperty({ enum: DECISIONS, example: 'approve' })
  @IsIn(DECISIONS)
  decision: (typeof DECISIONS)[number];

  /** As `responseSchema` wants it, with `done`; an approval changes no arguments and takes none. */
  @ApiPropertyOptional({ oneOf: ANY_JSON })
  @Nullable()
  @MaxJsonBytes(64 * 1024)
  value?: unknown;

  @ApiPropertyOptional({ example: 'Checked with the customer' })
  @Optional()
  @IsString()
  @MaxLength(4000)
  comment?: string;
}

export function toInterruptDto(interrupt: Interrupt): InterruptDto {
  const { id, runId, kind, prompt, toolCall, responseSchema, expiresAt, status, response, by } = interrupt;
  const { respondedBy, respondedAt } = interrupt;
  return {
    id,
    runId,
    kind,
    prompt,
    ...(toolCall ? { toolCall } : {}),
    responseSchema,
    expiresAt: expiresAt.toISOString(),
    status,
    ...(response ? { response } : {}),
    by,
    ...(respondedBy ? { respondedBy } : {}),
    ...(respondedAt ? { respondedAt: respondedAt.toISOString() } : {}),
  };
}
