import { ApiProperty, IntersectionType, PartialType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsString, Length } from 'class-validator';
import { Optional, PageQuery } from '@guildhall/core';
import type { AgentRecord } from './agent-record.js';
import { DefinitionDto } from './definition/definition.dto.js';
import {
  AGENT_STATUSES,
  AGENT_TYPES,
  type AgentStatus,
  type AgentType,
  PropertiesDto,
} from './definition/properties.dto.js';

/** A new agent. What is left out takes its default; a kind's own fields stand beside the shared ones. */
export class CreateAgentDto extends IntersectionType(DefinitionDto, PropertiesDto) {}

/** What changes. `limits` and `memory` are merged field by field, everything else is replaced; null resets to the default. */
export class UpdateAgentDto extends PartialType(CreateAgentDto) {}

/** An agent: its draft, and what is true of the agent whatever the version. */
export class AgentDto extends DefinitionDto {
  @ApiProperty({ example: 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  id: string;

  @ApiProperty({ type: String, nullable: true, enum: [...AGENT_TYPES, null], example: null })
  type: AgentType | null;

  @ApiProperty({ enum: AGENT_STATUSES, example: 'active' })
  status: AgentStatus;

  /** The user it belongs to. */
  @ApiProperty({ example: 'user-42' })
  owner: string;

  /** Whether it accepts new runs. */
  @ApiProperty({ example: true })
  isActive: boolean;

  /** The version that new runs take. */
  @ApiProperty({ type: 'integer', example: 1 })
  publishedVersion: number;

  /** The draft differs from the published version. */
  @ApiProperty({ example: false })
  draftChanged: boolean;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  updatedAt: string;

  /** Set once it is archived: its runs go on, new ones are refused. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  archivedAt: string | null;
}

export class AgentListQuery extends PageQuery {
  @ApiProperty({ required: false, enum: AGENT_TYPES })
  @Optional()
  @IsIn(AGENT_TYPES)
  type?: AgentType;

  @ApiProperty({ required: false, enum: AGENT_STATUSES })
  @Optional()
  @IsIn(AGENT_STATUSES)
  status?: AgentStatus;

  @ApiProperty({ required: false, example: 'tool-loop' })
  @Optional()
  @IsString()
  @Length(1, 64)
  kind?: string;

  @ApiProperty({ required: false, example: 'user-42' })
  @Optional()
  @IsString()
  @Length(1, 200)
  owner?: string;

  @ApiProperty({ required: false, type: Boolean })
  @Optional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  isActive?: boolean;
}

/** One thing that is wrong with a definition. */
export class FaultDto {
  @ApiProperty({ example: 'tools[0]' })
  path: string;

  @ApiProperty({ example: 'invalid_reference' })
  code: string;

  @ApiProperty({ example: "No tool is named 'calculater'" })
  message: string;
}

/** What is wrong with a definition, all at once. */
export class ValidationReportDto {
  @ApiProperty({ example: true })
  valid: boolean;

  @ApiProperty({ type: [FaultDto], example: [] })
  faults: readonly FaultDto[];
}

export function toAgentDto({ draft, ...agent }: AgentRecord): AgentDto {
  return {
    ...(draft as unknown as DefinitionDto),
    id: agent.id,
    type: agent.type,
    status: agent.status,
    owner: agent.owner,
    isActive: agent.isActive,
    publishedVersion: agent.publishedVersion,
    draftChanged: agent.draftChanged,
    createdAt: agent.createdAt.toISOString(),
    updatedAt: agent.updatedAt.toISOString(),
    archivedAt: agent.archivedAt?.toISOString() ?? null,
  };
}
