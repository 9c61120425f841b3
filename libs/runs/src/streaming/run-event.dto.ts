import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsWhole, Optional } from '@guildhall/core';
import { MAX_INTEGER } from '@guildhall/sdk';
import { RUN_EVENT_TYPES, type RunEvent, type RunEventType } from '../run-event.js';

/** One event of a run, as a JSON item and as the `data` of a stream's frame. */
export class RunEventDto implements RunEvent {
  /** Gapless from 1 in each run. */
  @ApiProperty({ type: 'integer', example: 6 })
  seq: number;

  @ApiProperty({ enum: RUN_EVENT_TYPES, example: 'message.completed' })
  type: RunEventType;

  @ApiProperty({ example: 'run_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  runId: string;

  @ApiProperty({ example: 'thr_01k9x3v7q2m4t6w8y0a2c4e6g8' })
  threadId: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:01.000Z' })
  at: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { messageId: 'msg_01k9x3v7q2m4t6w8y0a2c4e6g8', text: '30 days.', citations: [] },
  })
  payload: Record<string, unknown>;
}

export class RunEventsQuery {
  /** Only events after this one. Absent: from the first that is kept. */
  @ApiPropertyOptional()
  @Optional()
  @Type(() => Number)
  @IsWhole(0, MAX_INTEGER)
  after?: number;

  /** How many, 1 to 1000. A stream has no limit. */
  @ApiPropertyOptional({ default: 100 })
  @Optional()
  @Type(() => Number)
  @IsWhole(1, 1000)
  limit: number = 100;
}
