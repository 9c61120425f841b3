import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, Matches, ValidateBy } from 'class-validator';
import { Optional } from '@guildhall/core';

export const USAGE_GROUPS = ['day', 'provider', 'model', 'agent', 'user'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export const toGroups = (list: string): UsageGroup[] => USAGE_GROUPS.filter((group) => list.split(',').includes(group));

/** Any of them, none twice. A longer list is not looked at. */
const isGroups = (list: unknown): boolean => {
  if (typeof list !== 'string' || list.length > USAGE_GROUPS.join().length) return false;
  return list === '' || toGroups(list).length === list.split(',').length;
};
const IsGroups = () =>
  ValidateBy(
    { name: 'isGroups', validator: { validate: isGroups } },
    { message: `groupBy must be a list of: ${USAGE_GROUPS.join(', ')}; each at most once` },
  );
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?$/;

/** Which usage, and how it is added up. Days are UTC. */
export class UsageQuery {
  /** The first day, or a moment of it. Default: 29 days before the last. */
  @ApiProperty({ type: String, required: false, example: '2026-11-01' })
  @Optional()
  @Matches(DAY, { message: 'from must be a day (2026-11-01) or a time with its zone (2026-11-01T00:00:00Z)' })
  from?: string;

  /** The last day, which counts in full, or a moment of it. Default: today. */
  @ApiProperty({ type: String, required: false, example: '2026-11-30' })
  @Optional()
  @Matches(DAY, { message: 'to must be a day (2026-11-30) or a time with its zone (2026-11-30T00:00:00Z)' })
  to?: string;

  /** What to tell apart, as a list with commas: `day`, `provider`, `model`, `agent`, `user`. Empty: one sum of all. */
  @ApiProperty({ required: false, default: 'day,provider,model', example: 'agent' })
  @IsGroups()
  groupBy: string = 'day,provider,model';

  @ApiProperty({ required: false, example: 'groq' })
  @Optional()
  @IsString()
  @Length(1, 200)
  provider?: string;

  @ApiProperty({ required: false, example: 'openai/gpt-oss-120b' })
  @Optional()
  @IsString()
  @Length(1, 300)
  model?: string;

  @ApiProperty({ required: false, example: 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  @Optional()
  @IsString()
  @Length(1, 100)
  agentId?: string;

  /** The end user, as callers name them in `context.userId` or OpenAI's `user`. */
  @ApiProperty({ required: false, example: 'user-42' })
  @Optional()
  @IsString()
  @Length(1, 200)
  userId?: string;
}

/** What model calls used; of what it is grouped by, empty names are calls for no agent or no end user. */
export class UsageRowDto {
  /** UTC. */
  @ApiProperty({ required: false, example: '2026-11-21' })
  day?: string;

  @ApiProperty({ required: false, example: 'groq' })
  provider?: string;

  @ApiProperty({ required: false, example: 'openai/gpt-oss-120b' })
  model?: string;

  @ApiProperty({ required: false, example: 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  agentId?: string;

  @ApiProperty({ required: false, example: 'user-42' })
  userId?: string;

  /** Every attempt at a vendor counts, those that failed too. */
  @ApiProperty({ type: 'integer', example: 12 })
  calls: number;

  /** Of the calls, those that brought no whole answer. What their vendors reported is in the sums. */
  @ApiProperty({ type: 'integer', example: 1 })
  failedCalls: number;

  /** Of the calls, those whose vendor began to answer and did not say what it used. They are in no sum. */
  @ApiProperty({ type: 'integer', example: 0 })
  unreportedCalls: number;

  @ApiProperty({ type: 'integer', example: 4120 })
  inputTokens: number;

  /** Of the input tokens, those the vendor had cached. */
  @ApiProperty({ type: 'integer', example: 0 })
  cachedTokens: number;

  @ApiProperty({ type: 'integer', example: 580 })
  outputTokens: number;

  /** Of the output tokens, those spent on thinking, where the vendor says so. */
  @ApiProperty({ type: 'integer', example: 0 })
  reasoningTokens: number;

  /** Millionths of a US dollar. */
  @ApiProperty({ type: 'integer', example: 2400 })
  costMicroUsd: number;
}
