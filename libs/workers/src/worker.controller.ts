import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type RequestContext, WORKER_INVOKER, type WorkerInvoker } from '@guildhall/sdk';
import { ApiData, Ctx, Cursors, type Page, PageQuery, RequireScopes, pageOfCatalogue } from '@guildhall/core';
import { WorkerCatalogue } from './worker-catalogue.js';
import { InvokeWorkerDto, WorkerDto, WorkerOutcomeDto } from './worker.dto.js';

@ApiTags('workers')
@Controller({ path: 'workers', version: '1' })
export class WorkerController {
  constructor(
    private readonly workers: WorkerCatalogue,
    private readonly cursors: Cursors,
    @Inject(WORKER_INVOKER) private readonly invoker: WorkerInvoker,
  ) {}

  @Get()
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'listWorkers', summary: 'List the workers that a run can delegate a step to' })
  @ApiData(WorkerDto, { list: 'page' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Page<WorkerDto> {
    return pageOfCatalogue(this.cursors, ctx, 'workers', query, this.workers.list());
  }

  @Get(':id')
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'getWorker', summary: 'Read one worker' })
  @ApiData(WorkerDto)
  get(@Param('id') id: string): WorkerDto {
    return this.workers.get(id);
  }

  @Post(':id/invoke')
  @HttpCode(200)
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'invokeWorker', summary: 'Call a worker outside any run' })
  @ApiData(WorkerOutcomeDto)
  invoke(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() { input, text }: InvokeWorkerDto,
  ): Promise<WorkerOutcomeDto> {
    return this.invoker.invoke(ctx, id, { data: input, ...(text === undefined ? {} : { text }) });
  }
}
