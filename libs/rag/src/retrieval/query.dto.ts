import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsObject, IsString, Length } from 'class-validator';
import { IsWhole, MaxJsonBytes, Optional } from '@guildhall/core';
import type { RetrievalMode } from '@guildhall/sdk';

const MODES = ['auto', 'lexical', 'dense', 'hybrid'] as const satisfies readonly RetrievalMode[];

export class QueryDto {
  /** @example "How long may I return a parcel?" */
  @IsString()
  @Length(1, 10_000)
  query: string;

  @Optional()
  @IsWhole(1, 100)
  @ApiProperty({ required: false, default: 8, example: 8 })
  topK?: number;

  /** `auto` takes what the collection has; `dense` and `hybrid` need an embedding model. */
  @Optional()
  @IsIn(MODES)
  @ApiProperty({ required: false, enum: MODES, default: 'auto', example: 'auto' })
  mode?: RetrievalMode;

  /** `{ "metadata.year": value | { "in": [values] } | { "gte": value, "lte": value } }`, all must hold. */
  @Optional()
  @IsObject()
  @MaxJsonBytes(64 * 1024)
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  filter?: Record<string, unknown>;

  /** Groups of the end user; believed only from keys with the scope `knowledge:groups`. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  @ApiProperty({ required: false, type: [String] })
  groups?: string[];
}

export class RanksDto {
  /** 1 is the best. */
  @ApiProperty({ required: false, type: 'integer', example: 1 })
  lexical?: number;
  @ApiProperty({ required: false, type: 'integer' })
  dense?: number;
}

export class HitDto {
  /** @example "chk_01k9x3v7q2m4t6w8y0a2c4e6g8" */
  chunkId: string;
  /** @example "doc_01k9x3v7q2m4t6w8y0a2c4e6g8" */
  documentId: string;
  /** @example "Returns" */
  documentTitle: string;
  /** @example "Parcels may be returned within 30 days." */
  text: string;
  /** @example 7.31 */
  score: number;
  ranks: RanksDto;
  /** UTF-16 offset of `text` in the document's text. */
  @ApiProperty({ type: 'integer', example: 120 })
  charStart: number;
  @ApiProperty({ type: 'integer', example: 159 })
  charEnd: number;
  @ApiProperty({ required: false, type: 'integer' })
  page?: number;
  /** @example ["Handbook", "Returns"] */
  headingPath: string[];
  /** The header row of the table that it continues; no part of `text`. */
  @ApiProperty({ required: false, example: '| Plan | Price |' })
  repeated?: string;
  @ApiProperty({ type: 'object', additionalProperties: true, example: { year: 2026 } })
  metadata: Record<string, unknown>;
}

export class QueryResultDto {
  /** The mode that ran. */
  @ApiProperty({ enum: ['lexical', 'dense', 'hybrid'], example: 'lexical' })
  mode: 'lexical' | 'dense' | 'hybrid';
  @ApiProperty({ type: [HitDto] })
  hits: HitDto[];
}
