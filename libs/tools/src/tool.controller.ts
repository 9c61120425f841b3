import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBadGatewayResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
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
import { ToolInvoker } from './tool-invoker.js';
import { ToolRegistry } from './tool-registry.js';
import type { RegisteredTool } from './tool-source.js';
import { InvokeToolDto, ToolOutcomeDto } from './tool.dto.js';

@ApiTags('tools')
@Controller({ path: 'tools', version: '1' })
export class ToolController {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly invoker: ToolInvoker,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @RequireScopes('tools:read')
  @ApiOperation({ operationId: 'listTools', summary: 'List the tools that agents can be given' })
  @ApiData(CatalogueItemDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<CatalogueItemDto>> {
    const items = (await this.registry.list(ctx)).map(toCatalogueItem);
    return pageOfCatalogue(this.cursors, ctx, 'tools', query, items);
  }

  @Get(':id')
  @RequireScopes('tools:read')
  @ApiOperation({ operationId: 'getTool', summary: 'Read one tool' })
  @ApiData(CatalogueItemDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<CatalogueItemDto> {
    return toCatalogueItem(await this.registry.getById(ctx, id));
  }

  @Post(':id/invoke')
  @HttpCode(200)
  @RequireScopes('tools:write')
  @ApiOperation({ operationId: 'invokeTool', summary: 'Call a tool outside any run' })
  @ApiData(ToolOutcomeDto)
  @ApiBadGatewayResponse({ description: 'The tool failed' })
  invoke(@Ctx() ctx: RequestContext, @Param('id') id: string, @Body() body: InvokeToolDto): Promise<ToolOutcomeDto> {
    return this.invoker.invoke(ctx, id, body.input);
  }
}

function toCatalogueItem({ id, kind, name, description, plugin, inputSchema }: RegisteredTool): CatalogueItemDto {
  return { id, kind, name, description, plugin, status: 'active', inputSchema };
}
