import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '@guildhall/sdk';
import { ApiData, Ctx, type Page, PageQuery, Reply, RequireScopes } from '@guildhall/core';
import { DeletedDto } from '../deleted.dto.js';
import { CollectionDto, CreateCollectionDto, UpdateCollectionDto, toCollectionDto } from './collection.dto.js';
import { CollectionService } from './collection.service.js';

@ApiTags('collections')
@Controller({ path: 'collections', version: '1' })
export class CollectionController {
  constructor(private readonly collections: CollectionService) {}

  @Post()
  @RequireScopes('knowledge:write')
  @ApiOperation({ operationId: 'createCollection', summary: 'Create a collection of documents' })
  @ApiData(CollectionDto, { status: 201 })
  async create(@Ctx() ctx: RequestContext, @Body() body: CreateCollectionDto): Promise<Reply<CollectionDto>> {
    const collection = await this.collections.create(ctx, body);
    return new Reply(toCollectionDto(collection), { status: 201, location: `/api/v1/collections/${collection.id}` });
  }

  @Get()
  @RequireScopes('knowledge:read')
  @ApiOperation({ operationId: 'listCollections', summary: 'List collections, newest first' })
  @ApiData(CollectionDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<CollectionDto>> {
    return (await this.collections.list(ctx, query)).map(toCollectionDto);
  }

  @Get(':id')
  @RequireScopes('knowledge:read')
  @ApiOperation({ operationId: 'getCollection', summary: 'Read a collection' })
  @ApiData(CollectionDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<CollectionDto> {
    return toCollectionDto(await this.collections.get(ctx, id));
  }

  @Patch(':id')
  @RequireScopes('knowledge:write')
  @ApiOperation({ operationId: 'updateCollection', summary: 'Change the name, ranking or metadata of a collection' })
  @ApiData(CollectionDto)
  async update(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() body: UpdateCollectionDto,
  ): Promise<CollectionDto> {
    return toCollectionDto(await this.collections.update(ctx, id, body));
  }

  @Delete(':id')
  @RequireScopes('knowledge:write')
  @ApiOperation({
    operationId: 'deleteCollection',
    summary: 'Delete a collection and all its documents',
    description: 'Documents with an `acl` are deleted too, whether or not the key sees them.',
  })
  @ApiData(DeletedDto)
  async delete(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<DeletedDto> {
    await this.collections.delete(ctx, id);
    return { id, deleted: true };
  }
}
