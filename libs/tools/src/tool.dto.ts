import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsObject } from 'class-validator';
import { MaxJsonBytes } from '@guildhall/core';

/** What a tool is called with. */
export class InvokeToolDto {
  /** Must satisfy the tool's `inputSchema`. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { expression: '15% of 240' } })
  @IsObject()
  @MaxJsonBytes(1_048_576)
  input: Record<string, unknown>;
}

/** What a tool answered. */
export class ToolOutcomeDto {
  /** Any JSON value. */
  @ApiProperty({
    anyOf: ['object', 'array', 'string', 'number', 'boolean', 'null'].map((type) =>
      type === 'array' ? { type, items: {} } : { type },
    ),
    example: { result: 36, decimal: '36', exact: true },
  } as ApiPropertyOptions)
  output: unknown;

  @ApiProperty({ example: 1 })
  durationMs: number;
}
