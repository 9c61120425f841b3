import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '@guildhall/sdk';
import { ApiData, Ctx, IfMatch, type Page, Reply, RequireScopes, type Revisions } from '@guildhall/core';
import type { AgentRecord } from './agent-record.js';
import {
  AgentDto,
  AgentListQuery,
  CreateAgentDto,
  UpdateAgentDto,
  ValidationReportDto,
  toAgentDto,
} from './agent.dto.js';
import { AgentService } from './agent.service.js';

// Bodies are read by the service: a kind of agents has fields that no class here can know.
@ApiTags('agents')
@Controller({ path: 'agents', version: '1' })
export class AgentController {
  constructor(private readonly agents: AgentService) {}

  @Post()
  @RequireScopes('agents:write')
  @ApiOperation({ operationId: 'createAgent', summary: 'Create an agent and publish its version 1' })
  @ApiBody({ type: CreateAgentDto })
  @ApiData(AgentDto, { status: 201 })
  async create(@Ctx() ctx: RequestContext, @Body() body: Record<string, unknown>): Promise<Reply<AgentDto>> {
    const agent = await this.agents.create(ctx, body);
    return shown(agent, { status: 201, location: `/api/v1/agents/${agent.id}` });
  }

  @Post('validate')
  @HttpCode(200)
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'validateAgent', summary: 'Name every fault of a definition; store nothing' })
  @ApiBody({ type: CreateAgentDto })
  @ApiData(ValidationReportDto)
  validate(@Ctx() ctx: RequestContext, @Body() body: Record<string, unknown>): Promise<ValidationReportDto> {
    return this.agents.validate(ctx, body);
  }

  @Get()
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'listAgents', summary: 'List agents, newest first; archived ones are left out' })
  @ApiData(AgentDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: AgentListQuery): Promise<Page<AgentDto>> {
    return (await this.agents.list(ctx, query)).map(toAgentDto);
  }

  @Get(':id')
  @RequireScopes('agents:read')
  @ApiOperation({ operationId: 'getAgent', summary: 'Read an agent and its draft' })
  @ApiData(AgentDto, { tagged: true })
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<Reply<AgentDto>> {
    return shown(await this.agents.get(ctx, id));
  }

  @Patch(':id')
  @RequireScopes('agents:write')
  @ApiOperation({ operationId: 'updateAgent', summary: 'Edit the draft and the properties of an agent' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag last read; another one now: 412' })
  @ApiBody({ type: UpdateAgentDto })
  @ApiData(AgentDto)
  async update(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() body: Record<string, unknown>,
    @IfMatch() revisions?: Revisions,
  ): Promise<Reply<AgentDto>> {
    return shown(await this.agents.update(ctx, id, body, revisions));
  }

  @Delete(':id')
  @RequireScopes('agents:write')
  @ApiOperation({ operationId: 'archiveAgent', summary: 'Archive an agent: its runs go on, new ones are refused' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag last read; another one now: 412' })
  @ApiData(AgentDto)
  async archive(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @IfMatch() revisions?: Revisions,
  ): Promise<Reply<AgentDto>> {
    return shown(await this.agents.archive(ctx, id, revisions));
  }
}

function shown(agent: AgentRecord, options: { status?: number; location?: string } = {}): Reply<AgentDto> {
  return new Reply(toAgentDto(agent), { ...options, etag: String(agent.revision) });
}
