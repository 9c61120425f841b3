import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  Length,
  Matches,
  MaxLength,
} from 'class-validator';
import { IsMetadata, IsWhole, MaxJsonBytes, Nested, NestedList, Optional } from '@guildhall/core';
import type { Answerer } from '@guildhall/sdk';
import { LimitsDto } from './limits.dto.js';
import { ModelReferenceDto } from './model-reference.dto.js';

const ANSWERERS = ['anyone', 'other'] as const satisfies readonly Answerer[];

/** A collection whose passages the agent answers from. */
export class KnowledgeDto {
  /** One of the tenant's collections. */
  @ApiProperty({ example: 'col_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  @IsString()
  @Length(1, 64)
  collectionId: string;

  /** Passages taken for each question. */
  @ApiProperty({ required: false, example: 6 })
  @Optional()
  @IsWhole(1, 100)
  topK?: number;

  /** Conditions on the documents' metadata, as in a query of the collection. */
  @ApiProperty({ type: 'object', additionalProperties: true, selfRequired: false, example: {} })
  @Optional()
  @IsObject()
  @MaxJsonBytes(64 * 1024)
  filter?: Record<string, unknown>;
}

/** What the agent remembers of a thread and beyond. */
export class MemoryDto {
  /** How many of the thread's last messages a run sees. */
  @ApiProperty({ required: false, default: 20 })
  @IsWhole(1, 1000)
  window: number = 20;

  /** How many long-term memories are recalled. */
  @ApiProperty({ required: false, default: 5 })
  @IsWhole(0, 100)
  recall: number = 5;
}

/** A tool that a person must approve before it runs. */
export class ApprovalDto {
  @ApiProperty({ example: 'calculator' })
  @IsString()
  @Length(1, 200)
  tool: string;

  @ApiProperty({ enum: ['always'] })
  @IsIn(['always'])
  when: 'always';

  /** Who may approve: any key with `runs:approve`, or only one that did not start the run. Absent: `anyone`. */
  @ApiProperty({ enum: ANSWERERS, required: false })
  @Optional()
  @IsIn(ANSWERERS)
  by?: Answerer;
}

/** The fields all kinds of agents share. What is left out takes its default. */
export class DefinitionDto {
  @ApiProperty({ example: 'returns-desk' })
  @IsString()
  @MaxLength(100)
  @Matches(/\S/, { message: 'name must not be blank' })
  name: string;

  /** How the agent works: `tool-loop`, or a kind that a plugin brings. A kind may have fields of its own. */
  @ApiProperty({ required: false, default: 'tool-loop', example: 'tool-loop' })
  @IsString()
  @Length(1, 64)
  kind: string = 'tool-loop';

  @ApiProperty({ example: 'Answers from the handbook', required: false })
  @Optional()
  @IsString()
  @MaxLength(2000)
  description?: string;

  /** What the model is told before every conversation. */
  @ApiProperty({ required: false, default: '', example: 'Answer from the handbook and cite it.' })
  @IsString()
  @MaxLength(100_000)
  instructions: string = '';

  @ApiProperty({ type: () => ModelReferenceDto, required: false, default: { route: 'default' } })
  @Nested(() => ModelReferenceDto)
  model: ModelReferenceDto = new ModelReferenceDto();

  /** Names of the tools that the agent may use; no others. */
  @ApiProperty({ type: [String], required: false, default: [], example: ['calculator'] })
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  tools: string[] = [];

  @ApiProperty({ type: [KnowledgeDto], required: false, default: [] })
  @ArrayMaxSize(20)
  @NestedList(() => KnowledgeDto)
  knowledge: KnowledgeDto[] = [];

  @ApiProperty({ type: () => MemoryDto, required: false })
  @Nested(() => MemoryDto)
  memory: MemoryDto = new MemoryDto();

  @ApiProperty({ type: () => LimitsDto, required: false })
  @Nested(() => LimitsDto)
  limits: LimitsDto = new LimitsDto();

  @ApiProperty({ type: [ApprovalDto], required: false, default: [] })
  @ArrayMaxSize(100)
  @NestedList(() => ApprovalDto)
  approvals: ApprovalDto[] = [];

  /**
   * JSON Schema of an object that the agent's answer must be, of the dialect that its `$schema` names. The answer is checked: a wrong one is sent back to
   * the model once, with what is wrong, and fails the run as `invalid_output` the second time. The value stands in
   * `output.data`, its JSON in `output.text`.
   */
  @ApiProperty({ type: 'object', additionalProperties: true, selfRequired: false })
  @Optional()
  @IsObject()
  @MaxJsonBytes(64 * 1024)
  outputSchema?: Record<string, unknown>;

  /**
   * Links of an answer to hosts that stand neither in the instructions, the conversation's user messages, documents nor tool
   * results are listed in `output.data.untrustedLinks`. `trusted` removes them from the text, too, which is then streamed as
   * a whole. Absent: `any`.
   */
  @ApiProperty({ required: false, enum: ['any', 'trusted'] })
  @Optional()
  @IsIn(['any', 'trusted'])
  links?: 'any' | 'trusted';

  /** Yours; Guildhall only keeps it. */
  @ApiProperty({ type: 'object', additionalProperties: true, selfRequired: false, default: {}, example: {} })
  @IsMetadata()
  metadata: Record<string, unknown> = {};
}
