import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsObject, IsString, MaxLength } from 'class-validator';
import { CatalogueItemDto, MaxJsonBytes, Optional } from '@guildhall/core';

/** A worker that a run can delegate a step to. */
export class WorkerDto extends CatalogueItemDto {
  @ApiProperty({ example: 'message' })
  declare id: string;
}

/** What a worker is called with. */
export class InvokeWorkerDto {
  /** Must satisfy the worker's `inputSchema`. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { text: 'Welcome!', direct: true } })
  @IsObject()
  @MaxJsonBytes(1_048_576)
  input: Record<string, unknown>;

  /** The user's words, as a run would begin with them; a worker that reads the conversation finds them there. */
  @Optional()
  @IsString()
  @MaxLength(100_000)
  @ApiProperty({ required: false, example: 'Hello' })
  text?: string;
}

/** What a worker answered. */
export class WorkerOutcomeDto {
  /** Any JSON value. */
  @ApiProperty({
    anyOf: ['object', 'array', 'string', 'number', 'boolean', 'null'].map((type) =>
      type === 'array' ? { type, items: {} } : { type },
    ),
    example: { text: 'Welcome!', citations: [] },
  } as ApiPropertyOptions)
  output: unknown;

  @ApiProperty({ example: 1 })
  durationMs: number;
}
