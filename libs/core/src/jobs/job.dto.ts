import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../http/pagination.js';
import { type Job, JOB_STATES, type JobState } from './job.js';
import { Optional } from '../http/optional.decorator.js';

/** Which jobs to list. */
export class JobQuery extends PageQuery {
  /** Only jobs of this queue. */
  @Optional()
  @IsString()
  @MaxLength(200)
  queue?: string;

  /** Only jobs in this state; `dead` are those that failed for good. */
  @Optional()
  @IsIn(JOB_STATES)
  @ApiPropertyOptional({ enum: JOB_STATES })
  state?: JobState;
}

/** Why the last attempt failed. */
export class JobErrorDto {
  @ApiProperty({ example: 'provider_unavailable' })
  code: string;
  /** For people. */
  @ApiProperty({ example: "Provider 'groq' refused the request" })
  message: string;
}

/** A piece of background work. */
export class JobDto {
  @ApiProperty({ example: 'job_0199f3a2-7c1e-7d3a-9a55-3f1f6f1f2b10' })
  id: string;
  @ApiProperty({ example: 'document.ingestion' })
  queue: string;
  @ApiProperty({ enum: JOB_STATES, example: 'completed' })
  state: JobState;
  /** What the job was given; shown to keys with the scope `admin`. */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { documentId: 'doc_01k8x3c7m2q9r4t6v8w0y2z4a6' },
  })
  data?: object;
  /** Attempts so far, a running one included. */
  @ApiProperty({ example: 1 })
  attempts: number;
  error?: JobErrorDto;
  /** W3C trace id of the request that enqueued it. */
  @ApiProperty({ example: '4bf92f3577b34da6a3ce929d0e0e4736' })
  traceId: string;
  /** ISO 8601 UTC. */
  @ApiProperty({ example: '2026-11-02T08:00:00.000Z' })
  createdAt: string;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-02T08:00:00.100Z' })
  startedAt: string | null;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-02T08:00:01.000Z' })
  finishedAt: string | null;
}

export function toJobDto({ data, ...job }: Job, { withData }: { readonly withData: boolean }): JobDto {
  return {
    ...job,
    ...(withData ? { data: data as object } : {}),
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
  };
}
