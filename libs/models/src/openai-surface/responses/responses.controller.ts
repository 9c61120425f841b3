import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Ctx, RawResponse, TakesLargeBody, awaitStream } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { type Fields, unsupported } from '../faults.js';
import { areaOf, need } from '../need-scope.js';
import { sendEvents } from '../send-events.js';
import { KeptResponses } from './kept-responses.js';
import { listItems } from './list-items.js';
import { responseRequest } from './response-request.js';
import type { KeptResponse, ResponseObject } from './response.js';
import { Responses } from './responses.service.js';

/** OpenAI's responses: the same scopes as for chat, and to look at or remove a stored one those of who answered. */
@ApiExcludeController()
@RawResponse()
@Controller({ path: 'openai/v1/responses', version: VERSION_NEUTRAL })
export class ResponsesController {
  constructor(
    private readonly responses: Responses,
    private readonly kept: KeptResponses,
  ) {}

  @Post()
  @HttpCode(200)
  @TakesLargeBody()
  async create(
    @Ctx() ctx: RequestContext,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const asked = responseRequest(body);
    need(ctx, `${areaOf(asked.model)}:write`);
    if (!asked.stream) return this.responses.create(ctx, asked);
    awaitStream(request, ctx);
    return sendEvents(reply, await this.responses.stream(ctx, asked));
  }

  @Get(':id')
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string, @Query() query: Fields): Promise<ResponseObject> {
    if (query['stream'] !== undefined && query['stream'] !== 'false') {
      throw unsupported('stream', 'A stored response has no stream: leave stream out');
    }
    return (await this.readable(ctx, id)).response;
  }

  @Get(':id/input_items')
  async items(@Ctx() ctx: RequestContext, @Param('id') id: string, @Query() query: Fields): Promise<object> {
    return listItems((await this.readable(ctx, id)).input, query);
  }

  @Delete(':id')
  async delete(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<object> {
    need(ctx, `${areaOf((await this.kept.get(ctx, id)).response.model)}:write`);
    await this.kept.delete(ctx, id);
    return { id, object: 'response', deleted: true };
  }

  private async readable(ctx: RequestContext, id: string): Promise<KeptResponse> {
    const kept = await this.kept.get(ctx, id);
    need(ctx, `${areaOf(kept.response.model)}:read`);
    return kept;
  }
}
