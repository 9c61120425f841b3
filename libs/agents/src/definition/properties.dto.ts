import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, Length } from 'class-validator';
import { Optional } from '@guildhall/core';

export const AGENT_TYPES = [
  'voice_assistant',
  'code_generator',
  'task_automator',
  'data_analyzer',
  'content_creator',
  'customer_support',
  'system_monitor',
  'personal_assistant',
] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

export const AGENT_STATUSES = ['active', 'inactive', 'training', 'error', 'maintenance'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

/** What is true of the agent itself and not of one of its versions; a change holds at once. */
export class PropertiesDto {
  /** What the agent is for. */
  @ApiProperty({ required: false, enum: AGENT_TYPES, example: 'customer_support' })
  @Optional()
  @IsIn(AGENT_TYPES)
  type?: AgentType;

  /** What its owner says of it; `isActive` decides whether it runs. */
  @ApiProperty({ required: false, enum: AGENT_STATUSES, default: 'active' })
  @Optional()
  @IsIn(AGENT_STATUSES)
  status?: AgentStatus;

  /** The user it belongs to; default: the key that made it. */
  @ApiProperty({ required: false, example: 'user-42' })
  @Optional()
  @IsString()
  @Length(1, 200)
  owner?: string;

  /** False takes the agent out of service: it accepts no new runs. */
  @ApiProperty({ required: false, default: true })
  @Optional()
  @IsBoolean()
  isActive?: boolean;
}
