import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsString, MaxLength } from 'class-validator';
import { IsWhole, Optional } from '@guildhall/core';
import { MAX_INTEGER } from '@guildhall/sdk';
import type { VersionRecord, VersionStatus } from './agent-record.js';
import { DefinitionDto } from './definition/definition.dto.js';

/** Freezes the draft. */
export class CreateVersionDto {
  /** Why this version came to be. */
  @ApiProperty({ required: false, example: 'Shorter answers' })
  @Optional()
  @IsString()
  @MaxLength(2000)
  note?: string;
}

/** The version to publish again. */
export class RollbackDto {
  @ApiProperty({ example: 1 })
  @IsWhole(1, MAX_INTEGER)
  version: number;
}

export class VersionParams {
  @ApiProperty({ example: 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  @IsString()
  id: string;

  @ApiProperty({ example: 1 })
  @Type(() => Number)
  @IsWhole(1, MAX_INTEGER)
  n: number;
}

/** An immutable version of an agent. */
export class AgentVersionDto {
  @ApiProperty({ example: 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  agentId: string;

  @ApiProperty({ type: 'integer', example: 1 })
  version: number;

  @ApiProperty({ enum: ['draft', 'published', 'retired'], example: 'published' })
  status: VersionStatus;

  @ApiProperty({ type: () => DefinitionDto })
  definition: DefinitionDto;

  @ApiProperty({ type: String, nullable: true, example: null })
  note: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  createdAt: string;
}

export function toVersionDto(version: VersionRecord): AgentVersionDto {
  return {
    ...version,
    definition: version.definition as unknown as DefinitionDto,
    createdAt: version.createdAt.toISOString(),
  };
}
