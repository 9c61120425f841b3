import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsNotEmpty,
  IsString,
  MaxLength,
} from 'class-validator';
import type { ApiKey } from './api-key.repository.js';
import { SCOPES } from './scopes.js';
import { Optional } from '../http/optional.decorator.js';
import { IsTimestamp } from '../http/timestamp.decorator.js';

export class CreateApiKeyDto {
  /** What the key is for; shown in lists. */
  @ApiProperty({ example: 'support bot' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  name: string;

  /** What the key may do, at most what the key that creates it may. */
  @ApiProperty({ example: ['agents:read', 'runs:write'], enum: SCOPES, isArray: true, maxItems: SCOPES.length })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes: string[];

  /** When it ends, at most when the key that creates it ends. Absent: as that one. */
  @ApiPropertyOptional({ example: '2030-01-01T00:00:00Z', format: 'date-time' })
  @Optional()
  @IsTimestamp()
  expiresAt?: string;
}

export class ApiKeyDto {
  @ApiProperty({ example: 'key_01jd3fz8r0tq4v7m2x9s5n6k8p' })
  id: string;

  @ApiProperty({ example: 'support bot' })
  name: string;

  @ApiProperty({ example: ['agents:read', 'runs:write'], type: [String] })
  scopes: readonly string[];

  /** Null: never. */
  @ApiProperty({ example: '2030-01-01T00:00:00.000Z', type: String, format: 'date-time', nullable: true })
  expiresAt: string | null;

  /** Of the last minute that it was used in; null: not yet. */
  @ApiProperty({ example: '2026-11-21T08:00:00.000Z', type: String, format: 'date-time', nullable: true })
  lastUsedAt: string | null;

  @ApiProperty({ example: '2026-11-21T07:00:00.000Z', format: 'date-time' })
  createdAt: string;
}

export class CreatedApiKeyDto extends ApiKeyDto {
  /** The key itself. It is shown this once and cannot be read again. */
  @ApiProperty({ example: 'gh_key_01jd3fz8r0tq4v7m2x9s5n6k8p_k4t0v9q2m7x3c8b1n6z5s0d4f7g2h9j3p6r1w8y5' })
  key: string;
}

export class RevokedApiKeyDto {
  @ApiProperty({ example: 'key_01jd3fz8r0tq4v7m2x9s5n6k8p' })
  id: string;

  @ApiProperty({ type: Boolean, enum: [true] })
  deleted: true;
}

export function toApiKeyDto(key: ApiKey): ApiKeyDto {
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    createdAt: key.createdAt.toISOString(),
  };
}
