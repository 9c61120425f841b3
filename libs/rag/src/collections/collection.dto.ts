import { ApiHideProperty, ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { IsString, Length, ValidateBy } from 'class-validator';
import { IsMetadata, IsWithin, Nested, Optional } from '@guildhall/core';
import { IsLanguage } from '../languages.js';
import type { Collection } from './collection.js';

/** The model that embeds a collection's chunks. */
export class EmbeddingDto {
  /** @example "openai" */
  @IsString()
  @Length(1, 100)
  provider: string;

  /** @example "text-embedding-3-small" */
  @IsString()
  @Length(1, 200)
  model: string;
}

const IsUnserved = (): PropertyDecorator =>
  ValidateBy(
    { name: 'embeddingUnavailable', validator: { validate: () => false } },
    { message: 'Leave "$property" out: retrieval is lexical and needs no model' },
  );

export class CreateCollectionDto {
  /** @example "Handbook" */
  @IsString()
  @Length(1, 200)
  name: string;

  /** Language of documents that do not say theirs: its English name or two-letter code. */
  @Optional()
  @IsString()
  @Length(1, 40)
  @IsLanguage()
  @ApiProperty({ required: false, default: 'english', example: 'english' })
  language?: string;

  /** Not served yet: leave it out, retrieval is lexical and needs no model. */
  @Optional()
  @IsUnserved()
  @Nested(() => EmbeddingDto)
  @ApiHideProperty()
  embedding?: EmbeddingDto;

  /** BM25: how soon repeating a term stops to count, 0 to 10. */
  @Optional()
  @IsWithin(0, 10)
  @ApiProperty({ required: false, default: 1.2, example: 1.2 })
  k1?: number;

  /** BM25: how much a chunk's length counts against it, 0 to 1. */
  @Optional()
  @IsWithin(0, 1)
  @ApiProperty({ required: false, default: 0.75, example: 0.75 })
  b?: number;

  /** Your own fields. */
  @Optional()
  @IsMetadata()
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { team: 'support' } })
  metadata?: Record<string, unknown>;
}

/** What changes; `language` cannot, documents are indexed in it. */
export class UpdateCollectionDto extends PartialType(
  OmitType(CreateCollectionDto, ['language', 'embedding'] as const),
  { skipNullProperties: false },
) {}

export class CollectionDto {
  /** @example "col_01k9x3v7q2m4t6w8y0a2c4e6g8" */
  id: string;
  /** @example "Handbook" */
  name: string;
  /** @example "english" */
  language: string;
  /** @example 1.2 */
  k1: number;
  /** @example 0.75 */
  b: number;
  @ApiProperty({ type: 'object', additionalProperties: true, example: { team: 'support' } })
  metadata: Record<string, unknown>;
  /** Documents that are ready, and that this key sees. */
  @ApiProperty({ type: 'integer', example: 12 })
  documentCount: number;
  @ApiProperty({ type: 'integer', example: 340 })
  chunkCount: number;
  /** @example "2026-11-21T09:30:00.000Z" */
  createdAt: string;
  /** @example "2026-11-21T09:30:00.000Z" */
  updatedAt: string;
}

export function toCollectionDto(collection: Collection): CollectionDto {
  const { id, name, language, k1, b, metadata, documents, chunks, createdAt, updatedAt } = collection;
  return {
    id,
    name,
    language,
    k1,
    b,
    metadata,
    documentCount: documents,
    chunkCount: chunks,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
