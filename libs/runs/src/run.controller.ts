import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiHeader, ApiNotFoundResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiData,
  Ctx,
  Cursors,
  IsRepeat,
  type Page,
  PreferWait,
  Reply,
  RequireScopes,
  WantsStream,
} from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { RunControl } from './run-control.service.js';
import { RetryRunDto, RunInputDto, StartRunDto } from './run-input.dto.js';
import { RunRetries } from './run-retries.js';
import { RunStarter } from './run-starter.js';
import { RunStepDto, RunStepListQuery, RunUsageDto, toRunUsageDto } from './run-step.dto.js';
import { RunSteps } from './run-steps.service.js';
import { RunWaiter } from './run-waiter.js';
import { RunDto, RunListQuery, runPath, toRunDto } from './run.dto.js';
import { RunRepository } from './run.repository.js';
import { RunEventDto } from './streaming/run-event.dto.js';

/** Of `GET /runs/{id}/wait` without a preference; below the time any request may take. */
const DEFAULT_WAIT_MS = 25_000;

@ApiTags('runs')
@ApiExtraModels(RunInputDto)
@Controller({ path: 'runs', version: '1' })
export class RunController {
  constructor(
    private readonly starter: RunStarter,
    private readonly control: RunControl,
    private readonly retries: RunRetries,
    private readonly runs: RunRepository,
    private readonly waiter: RunWaiter,
    private readonly runSteps: RunSteps,
    private readonly cursors: Cursors,
  ) {}

  @Post()
  @HttpCode(202)
  @RequireScopes('runs:write')
  @ApiOperation({
    operationId: 'startRun',
    summary: 'Start a run, on a new thread unless one is named',
    description:
      'Answers at once with 202 and `Location`; with `Prefer: wait=N` with 200 when the run ends within N seconds; with `Accept: text/event-stream` with its events. With an `Idempotency-Key` a streamed start can be repeated: the same events from the first one on, or the run where no stream is asked for.',
  })
  @ApiHeader({ name: 'Prefer', required: false, description: 'wait=N: seconds to wait for the end, up to 60' })
  @ApiData(RunDto, { status: 202, description: 'Accepted: it will run, whatever happens to this process' })
  @ApiData(RunDto, { status: 200, description: 'Ended within the time given, or its events', events: RunEventDto })
  @ApiNotFoundResponse({ description: 'There is no such agent, version or thread' })
  start(
    @Ctx() ctx: RequestContext,
    @Body() body: StartRunDto,
    @WantsStream() stream: boolean,
    @IsRepeat() isRepeat: boolean,
    @PreferWait() waitMs?: number,
  ): Promise<Reply<RunDto> | Response> {
    return this.starter.start(ctx, body, { stream, waitMs, isRepeat });
  }

  @Get()
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'listRuns', summary: 'List runs, newest first' })
  @ApiData(RunDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: RunListQuery): Promise<Page<RunDto>> {
    const { status, agentId, threadId, userId } = query;
    const filter = { status, agentId, threadId, userId };
    const rows = await this.runs.list(ctx, filter, this.cursors.read(ctx, 'runs', query, filter));
    const total = query.total ? await this.runs.count(ctx, filter) : undefined;
    return this.cursors.page(ctx, 'runs', query, rows, filter, total).map(toRunDto);
  }

  @Get(':id')
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'getRun', summary: 'Read a run' })
  @ApiData(RunDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<RunDto> {
    return toRunDto(await this.runs.get(ctx, id));
  }

  @Get(':id/wait')
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'waitForRun', summary: 'Read a run when it has ended, or as it is when time is up' })
  @ApiHeader({ name: 'Prefer', required: false, description: 'wait=N: seconds, up to 60; default 25' })
  @ApiData(RunDto)
  async wait(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @PreferWait(DEFAULT_WAIT_MS) waitMs: number,
  ): Promise<RunDto> {
    return toRunDto(await this.waiter.settled(ctx, id, waitMs));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'cancelRun', summary: 'Cancel a run, wherever it is worked on' })
  @ApiData(RunDto)
  async cancel(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<RunDto> {
    return toRunDto(await this.control.cancel(ctx, id));
  }

  @Post(':id/retry')
  @HttpCode(202)
  @RequireScopes('runs:write')
  @ApiOperation({
    operationId: 'retryRun',
    summary: 'Go on with a failed run, from the step that failed',
    description:
      'What is recorded stays and is not done again, also with another version of the agent; where that contradicts the record the run becomes `needs_attention` with the code `nondeterministic`.',
  })
  @ApiBody({ type: RetryRunDto, required: false })
  @ApiData(RunDto, { status: 202 })
  async retry(@Ctx() ctx: RequestContext, @Param('id') id: string, @Body() body: RetryRunDto): Promise<Reply<RunDto>> {
    return new Reply(toRunDto(await this.retries.retry(ctx, id, body.version)), { status: 202, location: runPath(id) });
  }

  @Get(':id/steps')
  @RequireScopes('runs:read')
  @ApiOperation({
    operationId: 'listRunSteps',
    summary: 'Read the steps of a run, in their order, with those under way',
    description:
      'A step under way has no output yet, and its input is shown when it has ended. One that was under way when the run failed or was cancelled failed with it.',
  })
  @ApiData(RunStepDto, { list: 'page' })
  steps(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: RunStepListQuery,
  ): Promise<Page<RunStepDto>> {
    return this.runSteps.page(ctx, id, query);
  }

  @Get(':id/usage')
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'getRunUsage', summary: 'Read what a run has used, in all, by step and by model' })
  @ApiData(RunUsageDto)
  async usage(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<RunUsageDto> {
    const { usage } = await this.runs.get(ctx, id);
    return toRunUsageDto(usage, await this.runs.steps(ctx, id), await this.runs.usageByModel(ctx, id));
  }
}
