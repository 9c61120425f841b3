import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '@guildhall/sdk';
import { ApiData, Ctx, IfMatch, type Page, PageQuery, Reply, RequireScopes, type Revisions } from '@guildhall/core';
import { AgentVersionDto, CreateVersionDto, RollbackDto, VersionParams, toVersionDto } from './agent-version.dto.js';
import { AgentVersionService } from './agent-version.service.js';

@ApiTags('agents')
@Controller({ path: 'agents/:id', version: '1' })
export class AgentVersionController {
  constructor(private readonly versions: AgentVersionService) {}

  @Get('versions')
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'listAgentVersions', summary: 'List the versions of an agent, newest first' })
  @ApiData(AgentVersionDto, { list: 'page' })
  async list(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<AgentVersionDto>> {
    return (await this.versions.list(ctx, id, query)).map(toVersionDto);
  }

  @Post('versions')
  @RequireScopes('agents:write')
  @ApiOperation({ operationId: 'createAgentVersion', summary: 'Freeze the draft as the next version' })
  @ApiHeader({ name: 'If-Match', required: false, description: "The agent's ETag last read; another one now: 412" })
  @ApiData(AgentVersionDto, { status: 201 })
  async freeze(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() { note }: CreateVersionDto,
    @IfMatch() revisions?: Revisions,
  ): Promise<Reply<AgentVersionDto>> {
    const version = await this.versions.freeze(ctx, id, note, revisions);
    const location = `/api/v1/agents/${id}/versions/${version.version}`;
    return new Reply(toVersionDto(version), { status: 201, location });
  }

  @Get('versions/:n')
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'getAgentVersion', summary: 'Read one version' })
  @ApiData(AgentVersionDto)
  async get(@Ctx() ctx: RequestContext, @Param() { id, n }: VersionParams): Promise<AgentVersionDto> {
    return toVersionDto(await this.versions.get(ctx, id, n));
  }

  @Post('versions/:n/publish')
  @HttpCode(200)
  @RequireScopes('agents:write')
  @ApiOperation({ operationId: 'publishAgentVersion', summary: 'Make a version the one that new runs take' })
  @ApiHeader({ name: 'If-Match', required: false, description: "The agent's ETag last read; another one now: 412" })
  @ApiData(AgentVersionDto)
  async publish(
    @Ctx() ctx: RequestContext,
    @Param() { id, n }: VersionParams,
    @IfMatch() revisions?: Revisions,
  ): Promise<AgentVersionDto> {
    return toVersionDto(await this.versions.publish(ctx, id, n, revisions));
  }

  @Post('rollback')
  @HttpCode(200)
  @RequireScopes('agents:write')
  @ApiOperation({ operationId: 'rollbackAgent', summary: 'Publish an older version again' })
  @ApiHeader({ name: 'If-Match', required: false, description: "The agent's ETag last read; another one now: 412" })
  @ApiData(AgentVersionDto)
  async rollback(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() { version }: RollbackDto,
    @IfMatch() revisions?: Revisions,
  ): Promise<AgentVersionDto> {
    return toVersionDto(await this.versions.rollback(ctx, id, version, revisions));
  }
}
