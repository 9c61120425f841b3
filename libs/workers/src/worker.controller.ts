import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '@guildhall/sdk';
import {
  ApiData,
  CatalogueItemDto,
  Ctx,
  Cursors,
  type Page,
  PageQuery,
  RequireScopes,
  pageOfCatalogue,
} from '@guildhall/core';
import { WorkerCatalogue } from './worker-catalogue.js';

// Invoking one is a run's business: a worker works through a RunContext, where each thing it does is a recorded step.
@ApiTags('workers')
@Controller({ path: 'workers', version: '1' })
export class WorkerController {
  constructor(
    private readonly workers: WorkerCatalogue,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'listWorkers', summary: 'List the workers that a run can delegate a step to' })
  @ApiData(CatalogueItemDto, { list: 'page' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Page<CatalogueItemDto> {
    return pageOfCatalogue(this.cursors, ctx, 'workers', query, this.workers.list());
  }

  @Get(':id')
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'getWorker', summary: 'Read one worker' })
  @ApiData(CatalogueItemDto)
  get(@Param('id') id: string): CatalogueItemDto {
    return this.workers.get(id);
  }
}
