import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiData, Ctx, type Page, RequireAnyScope, RequireScopes } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { RunDto, toRunDto } from '../run.dto.js';
import { RunRepository } from '../run.repository.js';
import { InterruptDto, InterruptListQuery, RespondDto, toInterruptDto } from './interrupt.dto.js';
import { InterruptService } from './interrupt.service.js';
import { ANSWER_SCOPES } from './may-answer.js';

const WHO_MAY_ANSWER =
  'An approval and an unknown effect need `runs:approve`, a question and a choice `runs:write`. Where the agent says `"by": "other"`, the key that started the run may not approve.';

@ApiTags('interrupts')
@Controller({ version: '1' })
export class InterruptController {
  constructor(
    private readonly interrupts: InterruptService,
    private readonly runs: RunRepository,
  ) {}

  @Get('interrupts')
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'listInterrupts', summary: 'List what runs wait for, newest first' })
  @ApiData(InterruptDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: InterruptListQuery): Promise<Page<InterruptDto>> {
    return (await this.interrupts.list(ctx, query)).map(toInterruptDto);
  }

  @Get('interrupts/:id')
  @RequireScopes('runs:read')
  @ApiOperation({ operationId: 'getInterrupt', summary: 'Read an interrupt' })
  @ApiData(InterruptDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<InterruptDto> {
    return toInterruptDto(await this.interrupts.get(ctx, id));
  }

  @Post('interrupts/:id/respond')
  @HttpCode(200)
  @RequireAnyScope(...ANSWER_SCOPES)
  @ApiOperation({
    operationId: 'respondToInterrupt',
    summary: 'Answer; the first answer counts and the run goes on',
    description: WHO_MAY_ANSWER,
  })
  @ApiData(InterruptDto)
  async respond(@Ctx() ctx: RequestContext, @Param('id') id: string, @Body() body: RespondDto): Promise<InterruptDto> {
    return toInterruptDto(await this.interrupts.respond(ctx, id, body));
  }

  @Post('runs/:id/resume')
  @HttpCode(200)
  @RequireAnyScope(...ANSWER_SCOPES)
  @ApiOperation({
    operationId: 'resumeRun',
    summary: 'Answer the one question that a run waits with',
    description: WHO_MAY_ANSWER,
  })
  @ApiData(RunDto)
  async resume(@Ctx() ctx: RequestContext, @Param('id') id: string, @Body() body: RespondDto): Promise<RunDto> {
    await this.interrupts.resume(ctx, id, body);
    return toRunDto(await this.runs.get(ctx, id));
  }
}
