import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Length, MaxLength } from 'class-validator';
import { IsMetadata, IsTimestamp, Optional, PageQuery } from '@guildhall/core';
import type { MessageRole, TokenUsage } from '@guildhall/sdk';
import { UsageDto } from '../run.dto.js';
import type { Message, Thread } from './thread.repository.js';

const ID = '01k9x3v7q2m4t6w8y0a2c4e6g8';
const ROLES = ['system', 'user', 'assistant', 'tool'] as const satisfies readonly MessageRole[];

export class CreateThreadDto {
  @ApiPropertyOptional({ example: 'Returns' })
  @Optional()
  @IsString()
  @MaxLength(300)
  title?: string;

  /** The end user it belongs to. */
  @ApiPropertyOptional({ example: 'user-42' })
  @Optional()
  @IsString()
  @Length(1, 200)
  userId?: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { channel: 'web' } })
  @Optional()
  @IsMetadata()
  metadata?: Record<string, unknown>;
}

export class UpdateThreadDto {
  @ApiPropertyOptional({ example: 'Returns and refunds' })
  @Optional()
  @IsString()
  @MaxLength(300)
  title?: string;

  /** Replaces what is stored. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { channel: 'phone' } })
  @Optional()
  @IsMetadata()
  metadata?: Record<string, unknown>;
}

export class ThreadDto {
  @ApiProperty({ example: `thr_${ID}` })
  id: string;

  @ApiProperty({ type: String, nullable: true, example: 'Returns' })
  title: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'user-42' })
  userId: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { channel: 'web' } })
  metadata: Record<string, unknown>;

  /** The run that may write to it now; others queue behind it. */
  @ApiProperty({ type: String, nullable: true, example: null })
  activeRunId: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  updatedAt: string;

  /** What its runs have used in all; told where one thread is read. */
  @ApiPropertyOptional({ type: UsageDto })
  usage?: TokenUsage;
}

export class ThreadListQuery extends PageQuery {
  /** Only threads that belong to this end user. */
  @ApiPropertyOptional({ example: 'user-42' })
  @Optional()
  @IsString()
  @Length(1, 200)
  userId?: string;
}

export class CreateMessageDto {
  @ApiProperty({ enum: ROLES, example: 'user' })
  @IsIn(ROLES)
  role: MessageRole;

  @ApiProperty({ example: 'I ordered the blue one.' })
  @IsString()
  @Length(1, 500_000)
  text: string;

  /** When it was said. Absent: now. */
  @ApiPropertyOptional({ format: 'date-time' })
  @Optional()
  @IsTimestamp()
  at?: string;
}

export class MessageDto {
  @ApiProperty({ example: `msg_${ID}` })
  id: string;

  @ApiProperty({ enum: ROLES, example: 'assistant' })
  role: MessageRole;

  @ApiProperty({ example: 'Orders can be returned in 30 days [1].' })
  text: string;

  @ApiPropertyOptional({ type: 'array', items: { type: 'object', additionalProperties: true } })
  parts?: readonly unknown[];

  /** The run that asked or answered; absent for a message that was only stored. */
  @ApiPropertyOptional({ example: `run_${ID}` })
  runId?: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:01.000Z' })
  at: string;
}

export class ForkThreadDto {
  /** The message that the new thread ends with. */
  @ApiProperty({ example: `msg_${ID}` })
  @IsString()
  @Length(1, 100)
  messageId: string;
}

export function toThreadDto({ createdAt, updatedAt, ...thread }: Thread): ThreadDto {
  return { ...thread, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

export function toMessageDto({ id, role, text, parts, runId, at }: Message): MessageDto {
  return { id, role, text, ...(parts ? { parts } : {}), ...(runId ? { runId } : {}), at: at.toISOString() };
}
