import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type RequestContext, hasScope } from '@guildhall/sdk';
import { ApiData } from '../http/api-data.decorator.js';
import { Ctx } from '../http/context.decorator.js';
import type { Page } from '../http/pagination.js';
import { RequireScopes } from '../security/access.decorators.js';
import { JobDto, JobQuery, toJobDto } from './job.dto.js';
import { JobService } from './job.service.js';
import type { Job } from './job.js';

/** Background work. Any key may look at its tenant's jobs, as any request may cause one. */
@ApiTags('jobs')
@Controller({ path: 'jobs', version: '1' })
export class JobController {
  constructor(private readonly jobs: JobService) {}

  @Get()
  @ApiOperation({ operationId: 'listJobs', summary: 'List jobs, newest first; dead letters are state=dead' })
  @ApiData(JobDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: JobQuery): Promise<Page<JobDto>> {
    return (await this.jobs.list(ctx, query)).map((job) => show(ctx, job));
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getJob', summary: 'Get a job' })
  @ApiData(JobDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<JobDto> {
    return show(ctx, await this.jobs.get(ctx, id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'cancelJob', summary: 'Cancel a job; one at work is told to stop' })
  @ApiData(JobDto)
  async cancel(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<JobDto> {
    return show(ctx, await this.jobs.cancel(ctx, id));
  }

  @Post(':id/retry')
  @HttpCode(200)
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'retryJob', summary: 'Run a dead or cancelled job again' })
  @ApiData(JobDto)
  async retry(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<JobDto> {
    return show(ctx, await this.jobs.retry(ctx, id));
  }
}

function show(ctx: RequestContext, job: Job): JobDto {
  return toJobDto(job, { withData: hasScope(ctx.actor, 'admin') });
}
