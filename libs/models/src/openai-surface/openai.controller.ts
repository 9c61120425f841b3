import { Body, Controller, Get, Header, HttpCode, Param, Post, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Ctx, RawResponse, RequireScopes, TakesLargeBody, awaitStream } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { AgentChat } from './agent-chat.js';
import { ChatGateway } from './chat-gateway.js';
import { type ChatRequest, chatRequest } from './chat-request.js';
import { Embeddings } from './embeddings.js';
import type { EventStream } from './event-stream.js';
import { type OpenAiModel, ModelList } from './model-list.js';
import { namedModel } from './model-name.js';
import { need } from './need-scope.js';
import { sendEvents } from './send-events.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * OpenAI's API, for its clients as they are: base URL `/openai/v1`, a Guildhall key as API key. Its contract is OpenAI's
 * own, so it is no part of our OpenAPI document. Reading models needs `models:read`, spending on one `models:write`, and
 * `agent/<name>`, which starts a run, `runs:write`.
 */
@ApiExcludeController()
@RawResponse()
@Controller({ path: 'openai/v1', version: VERSION_NEUTRAL })
export class OpenAiController {
  constructor(
    private readonly models: ModelList,
    private readonly gateway: ChatGateway,
    private readonly agents: AgentChat,
    private readonly embeddings: Embeddings,
  ) {}

  @Get('models')
  @RequireScopes('models:read')
  async list(@Ctx() ctx: RequestContext): Promise<{ object: 'list'; data: OpenAiModel[] }> {
    return { object: 'list', data: await this.models.list(ctx) };
  }

  /** Ids have slashes: encoded as one part of the path, or plain. */
  @Get('models/*')
  @RequireScopes('models:read')
  get(@Ctx() ctx: RequestContext, @Param('*') id: string): Promise<OpenAiModel> {
    return this.models.get(ctx, id);
  }

  @Post('chat/completions')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @TakesLargeBody()
  async chat(
    @Ctx() ctx: RequestContext,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const asked = chatRequest(body);
    if (!asked.stream) return this.complete(ctx, asked);
    awaitStream(request, ctx);
    return sendEvents(reply, await this.stream(ctx, asked));
  }

  @Post('embeddings')
  @HttpCode(200)
  @RequireScopes('models:write')
  embed(@Ctx() ctx: RequestContext, @Body() body: unknown): Promise<object> {
    return this.embeddings.create(ctx, body);
  }

  private complete(ctx: RequestContext, request: ChatRequest): Promise<string> {
    const named = namedModel(request.model);
    need(ctx, named.kind === 'agent' ? 'runs:write' : 'models:write');
    return named.kind === 'agent'
      ? this.agents.complete(ctx, named.agentName, request)
      : this.gateway.complete(ctx, named.reference, request);
  }

  private stream(ctx: RequestContext, request: ChatRequest): Promise<EventStream> {
    const named = namedModel(request.model);
    need(ctx, named.kind === 'agent' ? 'runs:write' : 'models:write');
    return named.kind === 'agent'
      ? this.agents.stream(ctx, named.agentName, request)
      : this.gateway.stream(ctx, named.reference, request);
  }
}
