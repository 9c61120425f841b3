import { ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsString, Length, MaxLength, ValidateBy, ValidateNested } from 'class-validator';
import { IsMetadata, IsWhole, MaxJsonBytes, Nested, NestedList, Nullable, Optional, isTimeZone } from '@guildhall/core';
import { MAX_INTEGER } from '@guildhall/sdk';
import { gatherText } from './text-parts.js';

const PART_TYPES = ['image', 'file'] as const;
const ON_BUSY = ['enqueue', 'reject', 'interrupt', 'rollback'] as const;
const ON_DISCONNECT = ['continue', 'cancel'] as const;

const MAX_TEXT = 500_000;

/** An image or a file of a message: by address, or as base64. */
export class ContentPartDto {
  @ApiProperty({ enum: PART_TYPES, example: 'image' })
  @IsIn(PART_TYPES)
  type: (typeof PART_TYPES)[number];

  @ApiProperty({ example: 'image/png' })
  @IsString()
  @Length(3, 200)
  mediaType: string;

  @ApiPropertyOptional({ example: 'receipt.png' })
  @Optional()
  @IsString()
  @MaxLength(300)
  name?: string;

  @ApiPropertyOptional({ example: 'https://example.org/receipt.png' })
  @Optional()
  @IsString()
  @MaxLength(4000)
  url?: string;

  /** Base64. */
  @ApiPropertyOptional({ example: 'iVBORw0KGgo=' })
  @Optional()
  @IsString()
  @MaxLength(1_048_576)
  data?: string;
}

/** What the agent is asked: at least one of the three. */
export class RunInputDto {
  @ApiPropertyOptional({ example: 'How long may I return an order?' })
  @Optional()
  @IsString()
  @MaxLength(MAX_TEXT)
  text?: string;

  /** A part `{ "type": "text", "text": … }` is added to the text. */
  @ApiPropertyOptional({ type: [ContentPartDto] })
  @Optional()
  @ArrayMaxSize(50)
  @NestedList(() => ContentPartDto)
  parts?: ContentPartDto[];

  /** Any JSON, for agents that take data. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { orderId: 'A-17' } })
  @Nullable()
  @MaxJsonBytes(1_048_576)
  data?: unknown;
}

/** What the caller says of the end user. */
export class RunContextDto {
  /** Absent: the thread's. */
  @ApiPropertyOptional({ example: 'user-42' })
  @Optional()
  @IsString()
  @Length(1, 200)
  userId?: string;

  /** Opens documents that are shared with these groups; needs a key with the scope `knowledge:groups`. */
  @ApiPropertyOptional({ type: [String], example: ['group:support'] })
  @Optional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  groups?: string[];

  @ApiPropertyOptional({ example: 'Europe/Berlin' })
  @Optional()
  @IsString()
  @MaxLength(100)
  @ValidateBy(
    { name: 'isTimeZone', validator: { validate: isTimeZone } },
    { message: 'timeZone must be an IANA time zone such as Europe/Berlin' },
  )
  timeZone?: string;

  @ApiPropertyOptional({ example: 'en-GB' })
  @Optional()
  @IsString()
  @MaxLength(100)
  @ValidateBy(
    { name: 'isLocale', validator: { validate: isLocale } },
    { message: 'locale must be a BCP 47 tag such as en-GB' },
  )
  locale?: string;
}

/** A run on a thread that is named in the path. */
export class StartThreadRunDto {
  @ApiProperty({ example: 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  @IsString()
  @Length(1, 100)
  agentId: string;

  /** One version of the agent. Absent: the published one. */
  @ApiPropertyOptional()
  @Optional()
  @IsWhole(1, MAX_INTEGER)
  version?: number;

  @ApiProperty({
    oneOf: [{ type: 'string', maxLength: MAX_TEXT }, { $ref: getSchemaPath(RunInputDto) }],
    example: 'How long may I return an order?',
  })
  @Transform(({ value }: { value: unknown }) => readInput(value))
  @ValidateNested({ message: 'input must be a text, or an object with text, parts or data' })
  @ValidateBy(
    { name: 'isNotEmptyInput', validator: { validate: saysSomething } },
    { message: 'input must hold a text, parts or data' },
  )
  @Type(() => RunInputDto)
  input: RunInputDto;

  @ApiPropertyOptional({ type: RunContextDto })
  @Optional()
  @Nested(() => RunContextDto)
  context?: RunContextDto;

  /** When another run is active on the thread: queue behind it, refuse, end it, or end it and forget its question. */
  @ApiPropertyOptional({ enum: ON_BUSY, default: 'enqueue', example: 'enqueue' })
  @Optional()
  @IsIn(ON_BUSY)
  onBusy?: (typeof ON_BUSY)[number];

  /** When the connection that streams this start, or waits with it, breaks before the run has ended. */
  @ApiPropertyOptional({ enum: ON_DISCONNECT, default: 'continue', example: 'continue' })
  @Optional()
  @IsIn(ON_DISCONNECT)
  onDisconnect?: (typeof ON_DISCONNECT)[number];

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { source: 'web' } })
  @Optional()
  @IsMetadata()
  metadata?: Record<string, unknown>;
}

export class StartRunDto extends StartThreadRunDto {
  /** The conversation to go on with. Absent: a new one. */
  @ApiPropertyOptional({ example: 'thr_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  @Optional()
  @IsString()
  @Length(1, 100)
  threadId?: string;
}

export class RetryRunDto {
  /** Another version of the agent to go on with, or `published`: the one that new runs take. Absent: the same one. */
  @ApiPropertyOptional({
    oneOf: [
      { type: 'integer', minimum: 1, maximum: MAX_INTEGER },
      { type: 'string', enum: ['published'] },
    ],
  })
  @Optional()
  @ValidateBy(
    { name: 'isRetryVersion', validator: { validate: (value) => value === 'published' || isVersion(value) } },
    { message: "version must be the number of a version, or 'published'" },
  )
  version?: number | 'published';
}

const isVersion = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_INTEGER;

function readInput(value: unknown): unknown {
  if (typeof value === 'string') return Object.assign(new RunInputDto(), { text: value });
  return value instanceof RunInputDto ? gatherText(value) : value;
}

function saysSomething(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { text, parts, data } = value as RunInputDto;
  return (typeof text === 'string' && text.trim() !== '') || (parts?.length ?? 0) > 0 || (data ?? null) !== null;
}

function isLocale(value: unknown): boolean {
  try {
    return Intl.getCanonicalLocales(String(value)).length === 1;
  } catch {
    return false;
  }
}
