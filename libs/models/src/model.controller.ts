import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiData, Ctx, Cursors, type Page, PageQuery, RequireScopes, pageOfCatalogue } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { ModelDto } from './provider-view.dto.js';
import { ProviderService } from './provider.service.js';

@ApiTags('models')
@Controller({ path: 'models', version: '1' })
export class ModelController {
  constructor(
    private readonly providers: ProviderService,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @RequireScopes('models:read')
  @ApiOperation({ operationId: 'listModels', summary: 'List the models of all providers' })
  @ApiData(ModelDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<ModelDto>> {
    return pageOfCatalogue(this.cursors, ctx, 'models', query, await this.providers.models(ctx));
  }
}
