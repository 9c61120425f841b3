import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiHeader, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiData,
  Ctx,
  Cursors,
  IfMatch,
  type Page,
  PageQuery,
  Reply,
  type ReplyOptions,
  RequireScopes,
  type Revisions,
  pageOfCatalogue,
} from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { ProviderDto, ProviderTestDto, RankingRowDto } from './provider-view.dto.js';
import { CreateProviderDto } from './provider.dto.js';
import { ProviderStore } from './provider-store.service.js';
import { UpdateProviderDto } from './provider-update.dto.js';
import { ProviderService } from './provider.service.js';

@ApiTags('providers')
@Controller({ path: 'providers', version: '1' })
export class ProviderController {
  constructor(
    private readonly providers: ProviderService,
    private readonly store: ProviderStore,
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
  @ApiData(ProviderDto, { tagged: true })
  get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<Reply<ProviderDto>> {
    return this.shown(ctx, id);
  }

  @Post()
  @RequireScopes('admin')
  @ApiOperation({
    operationId: 'createProvider',
    summary: 'Store a provider and see whether it answers; its key is encrypted and never shown',
  })
  @ApiBody({ type: CreateProviderDto })
  @ApiData(ProviderDto, { status: 201 })
  async create(@Ctx() ctx: RequestContext, @Body() body: Record<string, unknown>): Promise<Reply<ProviderDto>> {
    // Read by the store: which kinds there are, no class here can know.
    const id = await this.store.create(ctx, body);
    await this.providers.look(ctx, id);
    return this.shown(ctx, id, { status: 201, location: `/api/v1/providers/${id}` });
  }

  @Patch(':id')
  @RequireScopes('admin')
  @ApiOperation({ operationId: 'updateProvider', summary: 'Change a stored provider; what is left out stays' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag last read; another one now: 412' })
  @ApiData(ProviderDto)
  async update(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() body: UpdateProviderDto,
    @IfMatch() revisions?: Revisions,
  ): Promise<Reply<ProviderDto>> {
    await this.store.update(ctx, id, body, revisions);
    await this.providers.look(ctx, id);
    return this.shown(ctx, id);
  }

  @Delete(':id')
  @RequireScopes('admin')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removeProvider', summary: 'Remove a stored provider and its key' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag last read; another one now: 412' })
  @ApiNoContentResponse({ description: 'Removed' })
  @ApiConflictResponse({ description: 'The operator configured it: take its settings away' })
  async remove(@Ctx() ctx: RequestContext, @Param('id') id: string, @IfMatch() revisions?: Revisions): Promise<void> {
    await this.store.remove(ctx, id, revisions);
  }

  @Post(':id/test')
  @HttpCode(200)
  @RequireScopes('models:write')
  @ApiOperation({ operationId: 'testProvider', summary: 'Call the provider once and say what came of it' })
  @ApiData(ProviderTestDto)
  test(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<ProviderTestDto> {
    return this.providers.test(ctx, id);
  }

  private async shown(ctx: RequestContext, id: string, options: ReplyOptions = {}): Promise<Reply<ProviderDto>> {
    const { provider, revision } = await this.providers.get(ctx, id);
    return new Reply(provider, { ...options, ...(revision === undefined ? {} : { etag: revision }) });
  }
}
