import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiNotFoundResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiData,
  Ctx,
  Cursors,
  IsRepeat,
  type Page,
  PageQuery,
  PreferWait,
  Reply,
  RequireScopes,
  WantsStream,
} from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { StartThreadRunDto } from '../run-input.dto.js';
import { RunStarter } from '../run-starter.js';
import { RunDto, toRunDto } from '../run.dto.js';
import { RunRepository } from '../run.repository.js';
import { RunEventDto } from '../streaming/run-event.dto.js';
import {
  CreateMessageDto,
  CreateThreadDto,
  ForkThreadDto,
  MessageDto,
  ThreadDto,
  ThreadListQuery,
  UpdateThreadDto,
  toMessageDto,
  toThreadDto,
} from './thread.dto.js';
import { ThreadService } from './thread.service.js';

@ApiTags('threads')
@Controller({ path: 'threads', version: '1' })
export class ThreadController {
  constructor(
    private readonly threads: ThreadService,
    private readonly starter: RunStarter,
    private readonly runs: RunRepository,
    private readonly cursors: Cursors,
  ) {}

  @Post()
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'createThread', summary: 'Create a thread: a conversation' })
  @ApiData(ThreadDto, { status: 201 })
  async create(@Ctx() ctx: RequestContext, @Body() body: CreateThreadDto): Promise<Reply<ThreadDto>> {
    return made(toThreadDto(await this.threads.create(ctx, body)));
  }

  @Get()
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'listThreads', summary: 'List threads, newest first' })
  @ApiData(ThreadDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: ThreadListQuery): Promise<Page<ThreadDto>> {
    return (await this.threads.list(ctx, query)).map(toThreadDto);
  }

  @Get(':id')
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'getThread', summary: 'Read a thread, and what its runs have used' })
  @ApiData(ThreadDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<ThreadDto> {
    const thread = toThreadDto(await this.threads.get(ctx, id));
    return { ...thread, usage: await this.runs.usageOfThread(ctx, id) };
  }

  @Patch(':id')
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'updateThread', summary: 'Change the title or the metadata of a thread' })
  @ApiData(ThreadDto)
  async update(@Ctx() ctx: RequestContext, @Param('id') id: string, @Body() body: UpdateThreadDto): Promise<ThreadDto> {
    return toThreadDto(await this.threads.update(ctx, id, body));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'deleteThread', summary: 'Delete a thread with its messages and runs' })
  @ApiNoContentResponse({ description: 'Deleted' })
  async delete(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<void> {
    await this.threads.delete(ctx, id);
  }

  @Get(':id/messages')
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'listMessages', summary: 'List the messages of a thread, newest first' })
  @ApiData(MessageDto, { list: 'page' })
  async messages(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<MessageDto>> {
    return (await this.threads.messages(ctx, id, query)).map(toMessageDto);
  }

  @Post(':id/messages')
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'addMessage', summary: 'Store a message without running an agent' })
  @ApiData(MessageDto, { status: 201 })
  async addMessage(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() body: CreateMessageDto,
  ): Promise<MessageDto> {
    return toMessageDto(await this.threads.addMessage(ctx, id, body));
  }

  @Post(':id/fork')
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'forkThread', summary: 'Make a new thread that ends with a message of this one' })
  @ApiData(ThreadDto, { status: 201 })
  async fork(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() body: ForkThreadDto,
  ): Promise<Reply<ThreadDto>> {
    return made(toThreadDto(await this.threads.fork(ctx, id, body.messageId)));
  }

  @Post(':id/runs')
  @HttpCode(202)
  @RequireScopes('runs:write')
  @ApiOperation({ operationId: 'startThreadRun', summary: 'Start a run on this thread' })
  @ApiHeader({ name: 'Prefer', required: false, description: 'wait=N: seconds to wait for the end, up to 60' })
  @ApiData(RunDto, { status: 202, description: 'Accepted: it will run, whatever happens to this process' })
  @ApiData(RunDto, { status: 200, description: 'Ended within the time given, or its events', events: RunEventDto })
  @ApiNotFoundResponse({ description: 'There is no such thread, agent or version' })
  startRun(
    @Ctx() ctx: RequestContext,
    @Param('id') threadId: string,
    @Body() body: StartThreadRunDto,
    @WantsStream() stream: boolean,
    @IsRepeat() isRepeat: boolean,
    @PreferWait() waitMs?: number,
  ): Promise<Reply<RunDto> | Response> {
    return this.starter.start(ctx, { ...body, threadId }, { stream, waitMs, isRepeat });
  }

  @Get(':id/runs')
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'listThreadRuns', summary: 'List the runs of a thread, newest first' })
  @ApiData(RunDto, { list: 'page' })
  async listRuns(
    @Ctx() ctx: RequestContext,
    @Param('id') threadId: string,
    @Query() query: PageQuery,
  ): Promise<Page<RunDto>> {
    await this.threads.get(ctx, threadId);
    const filter = { threadId };
    const rows = await this.runs.list(ctx, filter, this.cursors.read(ctx, 'thread-runs', query, filter));
    const total = query.total ? await this.runs.count(ctx, filter) : undefined;
    return this.cursors.page(ctx, 'thread-runs', query, rows, filter, total).map(toRunDto);
  }
}

const made = (thread: ThreadDto): Reply<ThreadDto> =>
  new Reply(thread, { status: 201, location: `/api/v1/threads/${thread.id}` });
