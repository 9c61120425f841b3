import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '@guildhall/sdk';
import { ApiData } from '../http/api-data.decorator.js';
import { Ctx } from '../http/context.decorator.js';
import { type Page, PageQuery } from '../http/pagination.js';
import { Reply } from '../http/reply.js';
import { RequireScopes } from './access.decorators.js';
import { ApiKeyDto, CreateApiKeyDto, CreatedApiKeyDto, RevokedApiKeyDto, toApiKeyDto } from './api-key.dto.js';
import { ApiKeyService } from './api-key.service.js';

@ApiTags('api-keys')
@Controller({ path: 'api-keys', version: '1' })
@RequireScopes('admin')
export class ApiKeyController {
  constructor(private readonly keys: ApiKeyService) {}

  @Post()
  @ApiOperation({ operationId: 'createApiKey', summary: 'Create an API key; the answer shows it this once' })
  @ApiData(CreatedApiKeyDto, { status: 201 })
  async create(@Ctx() ctx: RequestContext, @Body() body: CreateApiKeyDto): Promise<Reply<CreatedApiKeyDto>> {
    const { key, token } = await this.keys.create(ctx, body);
    return new Reply(
      { ...toApiKeyDto(key), key: token },
      { status: 201, location: `/api/v1/api-keys/${key.id}`, headers: { 'cache-control': 'no-store' } },
    );
  }

  @Get()
  @ApiOperation({ operationId: 'listApiKeys', summary: 'List the API keys of the tenant, without the keys themselves' })
  @ApiData(ApiKeyDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<ApiKeyDto>> {
    return (await this.keys.list(ctx, query)).map(toApiKeyDto);
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getApiKey', summary: 'Show an API key, without the key itself' })
  @ApiData(ApiKeyDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<ApiKeyDto> {
    return toApiKeyDto(await this.keys.get(ctx, id));
  }

  @Delete(':id')
  @ApiOperation({ operationId: 'revokeApiKey', summary: 'Revoke an API key, on all replicas within 5 s' })
  @ApiData(RevokedApiKeyDto)
  async revoke(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<RevokedApiKeyDto> {
    await this.keys.revoke(ctx, id);
    return { id, deleted: true };
  }
}
