import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiData, Ctx, Cursors, type Page, PageQuery, Reply, RequireScopes, pageOfCatalogue } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { ProviderDto, ProviderTestDto, RankingRowDto } from './provider-view.dto.js';
import { CreateProviderDto } from './provider.dto.js';
import { ProviderService } from './provider.service.js';

@ApiTags('providers')
@Controller({ path: 'providers', version: '1' })
export class ProviderController {
  constructor(
    private readonly providers: ProviderService,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @RequireScopes('models:read')
  @ApiOperation({ operationId: 'listProviders', summary: 'List all providers, and why some cannot be used' })
  @ApiData(ProviderDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<ProviderDto>> {
    return pageOfCatalogue(this.cursors, ctx, 'providers', query, await this.providers.list(ctx));
  }

  @Get('ranking')
  @RequireScopes('models:read')
  @ApiOperation({ operationId: 'rankProviders', summary: 'Show in which order providers are tried, and why' })
  @ApiData(RankingRowDto, { list: 'array' })
  ranking(@Ctx() ctx: RequestContext): Promise<RankingRowDto[]> {
    return this.providers.ranking(ctx);
  }

  @Get(':id')
  @RequireScopes('models:read')
  @ApiOperation({ operationId: 'getProvider', summary: 'Show a provider, without its key' })
  @ApiData(ProviderDto)
  get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<ProviderDto> {
    return this.providers.get(ctx, id);
  }

  @Post()
  @RequireScopes('admin')
  @ApiOperation({ operationId: 'createProvider', summary: 'Store a provider; its key is encrypted and never shown' })
  @ApiData(ProviderDto, { status: 201 })
  async create(@Ctx() ctx: RequestContext, @Body() body: CreateProviderDto): Promise<Reply<ProviderDto>> {
    const provider = await this.providers.create(ctx, body);
    return new Reply(provider, { status: 201, location: `/api/v1/providers/${provider.id}` });
  }

  @Delete(':id')
  @RequireScopes('admin')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removeProvider', summary: 'Remove a stored provider and its key' })
  @ApiNoContentResponse({ description: 'Removed' })
  async remove(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<void> {
    await this.providers.remove(ctx, id);
  }

  @Post(':id/test')
  @HttpCode(200)
  @RequireScopes('models:write')
  @ApiOperation({ operationId: 'testProvider', summary: 'Call the provider once and say what came of it' })
  @ApiData(ProviderTestDto)
  test(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<ProviderTestDto> {
    return this.providers.test(ctx, id);
  }
}
