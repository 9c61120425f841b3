import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsNotEmpty, IsString, Length, MaxLength } from 'class-validator';
import { IsMetadata, IsWebUrl, IsWhole, Nullable, Optional, PageQuery } from '@guildhall/core';
import { MAX_INTEGER } from '@guildhall/sdk';
import type { Chunk, DocumentStatus, KnowledgeDocument, TextKind } from './document.js';

const STATUSES = ['queued', 'processing', 'ready', 'failed'] as const satisfies readonly DocumentStatus[];

/** What may be said of a document besides its content. */
export class DocumentPropertiesDto {
  /** Your own fields; queries filter by them. */
  @Optional()
  @IsMetadata()
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { year: 2026 } })
  metadata?: Record<string, unknown>;

  /** Groups that may find it, such as `group:support`, matched exactly. Without it the whole tenant may. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1, { message: 'acl must name a group; leave it out for the whole tenant' })
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  @ApiProperty({ required: false, type: [String] })
  acl?: string[];
}

/** A document as JSON: its `text`, or a `url` that is fetched. Files are sent as `multipart/form-data`. */
export class CreateDocumentDto extends DocumentPropertiesDto {
  /** @example "Returns" */
  @IsString()
  @Length(1, 500)
  title: string;

  /** The document itself. */
  @Optional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(1_048_576)
  @ApiProperty({ required: false, example: '# Returns\n\nParcels may be returned within 30 days.' })
  text?: string;

  /** An address to fetch it from; sent again, it is fetched again. */
  @Optional()
  @IsString()
  @IsWebUrl()
  @ApiProperty({ required: false, format: 'uri', maxLength: 2048 })
  url?: string;

  /** Default: what the bytes look like; undeclared text is taken as markdown. */
  @Optional()
  @IsString()
  @Length(1, 200)
  @ApiProperty({ required: false, example: 'text/markdown' })
  mediaType?: string;

  /** Default: the collection's. */
  @Optional()
  @IsString()
  @Length(1, 40)
  @ApiProperty({ required: false })
  language?: string;
}

/** The same as a form; `title` defaults to the file's name, `metadata` and `acl` are JSON. */
export class UploadDocumentDto extends DocumentPropertiesDto {
  @ApiProperty({ type: 'string', format: 'binary' })
  file: string;
  @ApiProperty({ required: false, maxLength: 500 })
  title?: string;
  @ApiProperty({ required: false, maxLength: 200 })
  mediaType?: string;
  @ApiProperty({ required: false, maxLength: 40 })
  language?: string;
}

export class UpdateDocumentDto extends OmitType(DocumentPropertiesDto, ['acl'] as const) {
  /** Groups that may find it from now on; null opens it to the whole tenant. */
  @Nullable()
  @IsArray()
  @ArrayMinSize(1, { message: 'acl must name a group; null opens the document to the whole tenant' })
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  @ApiProperty({ required: false, nullable: true, type: [String] })
  acl?: string[] | null;
}

export class DocumentListQuery extends PageQuery {
  @Optional()
  @IsIn(STATUSES)
  @ApiProperty({ required: false, enum: STATUSES })
  status?: DocumentStatus;
}

export class ChunkListQuery {
  /** Only chunks behind this `ordinal`. */
  @Optional()
  @Type(() => Number)
  @IsWhole(-1, MAX_INTEGER)
  @ApiProperty({ required: false, default: -1 })
  after: number = -1;

  @Optional()
  @Type(() => Number)
  @IsWhole(1, 1000)
  @ApiProperty({ required: false, default: 100 })
  limit: number = 100;
}

export class DocumentErrorDto {
  /** @example "unsupported_media_type" */
  code: string;
  /** @example "Documents of type PDF cannot be read" */
  message: string;
}

export class DocumentWarningDto {
  /** @example "encoding_guessed" */
  code: string;
  /** @example "Nothing declares its encoding, and it is no UTF-8: read as windows-1252, which is a guess" */
  message: string;
}

export class DocumentDto {
  /** @example "doc_01k9x3v7q2m4t6w8y0a2c4e6g8" */
  id: string;
  /** @example "col_01k9x3v7q2m4t6w8y0a2c4e6g8" */
  collectionId: string;
  /** @example "Returns" */
  title: string;
  @ApiProperty({ enum: STATUSES, example: 'ready' })
  status: DocumentStatus;
  /** Why it failed; on a ready one, why its URL could not be read again. */
  @ApiProperty({ required: false, type: DocumentErrorDto })
  error?: DocumentErrorDto;
  /** What was guessed or left out when it was read. */
  @ApiProperty({ type: [DocumentWarningDto], example: [] })
  warnings: DocumentWarningDto[];
  /** What it was read as. */
  @ApiProperty({ required: false, example: 'text/markdown' })
  mediaType?: string;
  /** @example "english" */
  language: string;
  @ApiProperty({ required: false })
  url?: string;
  @ApiProperty({ required: false })
  fileName?: string;
  @ApiProperty({ required: false, type: 'integer', example: 3 })
  chunkCount?: number;
  @ApiProperty({ required: false, type: 'integer', example: 812 })
  tokenCount?: number;
  @ApiProperty({ type: 'object', additionalProperties: true, example: { year: 2026 } })
  metadata: Record<string, unknown>;
  @ApiProperty({ required: false, type: [String] })
  acl?: string[];
  /** @example "2026-11-21T09:30:00.000Z" */
  createdAt: string;
  /** @example "2026-11-21T09:30:00.000Z" */
  updatedAt: string;
}

export class DocumentTextDto {
  /** What offsets count in. */
  @ApiProperty({ example: '# Returns\n\nParcels may be returned within 30 days.' })
  text: string;
  /**
   * `source`: its characters themselves (plain text, CSV, markdown). `extracted`: made from it (HTML, JSON as its values,
   * markdown without front matter, comments and data URLs where it has any).
   */
  @ApiProperty({ enum: ['source', 'extracted'], example: 'source' })
  textKind: TextKind;
}

export class ChunkDto {
  /** @example "chk_01k9x3v7q2m4t6w8y0a2c4e6g8" */
  chunkId: string;
  /** Its place in the document, from 0. */
  @ApiProperty({ type: 'integer', example: 0 })
  ordinal: number;
  /** @example "Parcels may be returned within 30 days." */
  text: string;
  /** UTF-16 offsets into the document's text. */
  @ApiProperty({ type: 'integer', example: 11 })
  charStart: number;
  @ApiProperty({ type: 'integer', example: 50 })
  charEnd: number;
  @ApiProperty({ required: false, type: 'integer' })
  page?: number;
  /** @example ["Handbook", "Returns"] */
  headingPath: string[];
  /** The header row of the table that it continues. It is indexed with the chunk, stands earlier in the document and is no part of `text`. */
  @ApiProperty({ required: false, example: '| Plan | Price |' })
  repeated?: string;
}

export function toDocumentDto(doc: KnowledgeDocument): DocumentDto {
  return {
    id: doc.id,
    collectionId: doc.collectionId,
    title: doc.title,
    status: doc.status,
    error: doc.error ?? undefined,
    warnings: [...doc.warnings],
    mediaType: doc.mediaType ?? undefined,
    language: doc.language,
    url: doc.url ?? undefined,
    fileName: doc.fileName ?? undefined,
    // Counts of a ready document; while a URL is read again they are still those of its last content.
    chunkCount: doc.contentHash === null ? undefined : doc.chunkCount,
    tokenCount: doc.contentHash === null ? undefined : doc.tokenCount,
    metadata: doc.metadata,
    acl: doc.acl ? [...doc.acl] : undefined,
    createdAt: doc.createdAt.toISOString(),
    updatedAt: doc.updatedAt.toISOString(),
  };
}

export function toChunkDto({ page, headingPath, repeated, ...chunk }: Chunk): ChunkDto {
  return { ...chunk, page: page ?? undefined, headingPath: [...headingPath], repeated: repeated ?? undefined };
}
