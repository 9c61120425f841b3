import { Inject, Injectable, Optional } from '@nestjs/common';
import {
  AGENT_RUNNER,
  type AgentRunRequest,
  type AgentRunResult,
  type AgentRunner,
  AppError,
  type RequestContext,
  UpstreamError,
} from '@guildhall/sdk';
import { chatMessages } from './chat-messages.js';
import type { ChatRequest } from './chat-request.js';
import { ChunkWriter, type Said, chatCompletion } from './completion.js';
import { EventStream } from './event-stream.js';
import { type Fields, unsupported, wrong } from './faults.js';
import { modelNotFound } from './model-name.js';

/** `agent/<name>`: a chat completion is a run of that agent, on a thread that begins with the messages sent. */
@Injectable()
export class AgentChat {
  constructor(@Optional() @Inject(AGENT_RUNNER) private readonly runner?: AgentRunner) {}

  async names(ctx: RequestContext): Promise<readonly { readonly name: string; readonly createdAt: Date }[]> {
    return (await this.runner?.list(ctx)) ?? [];
  }

  /** The completion as JSON. */
  async complete(ctx: RequestContext, agentName: string, request: ChatRequest): Promise<string> {
    const result = await this.run(ctx, agentName, request);
    return JSON.stringify(chatCompletion(request.model, toSaid(result)));
  }

  /** Resolves when the run says its first word. */
  async stream(ctx: RequestContext, agentName: string, request: ChatRequest): Promise<EventStream> {
    const stream = new EventStream();
    this.tell(ctx, agentName, request, stream).then(
      () => stream.end(),
      (error: unknown) => stream.fail(error),
    );
    await stream.opened;
    return stream;
  }

  private async tell(ctx: RequestContext, agentName: string, request: ChatRequest, stream: EventStream): Promise<void> {
    const chunks = new ChunkWriter(request.model, request.includeUsage, stream.write);
    const abort = new AbortController();
    const signal = AbortSignal.any([ctx.signal, abort.signal]);
    let hasSpoken = false;
    const result = await this.run(
      { ...ctx, signal },
      agentName,
      request,
      (delta) => {
        hasSpoken = true;
        void chunks.text(delta);
      },
      () => {
        if (hasSpoken) abort.abort(superseded());
      },
    );
    await chunks.finish(toSaid(result));
  }

  private async run(
    ctx: RequestContext,
    agentName: string,
    request: ChatRequest,
    onDelta?: (text: string) => void,
    onRestart?: () => void,
  ): Promise<AgentRunResult> {
    const asked = runRequest(agentName, request.body);
    if (!this.runner) throw modelNotFound(request.model);
    try {
      return await this.runner.run(
        ctx,
        asked,
        onDelta && ((signal) => (signal.type === 'delta' ? onDelta(signal.text) : onRestart?.())),
      );
    } catch (error) {
      if (ctx.signal.aborted) throw ctx.signal.reason;
      throw AppError.is(error) && error.code === 'agent_not_found' ? modelNotFound(request.model) : error;
    }
  }
}

function runRequest(agentName: string, body: Fields): AgentRunRequest {
  if (Array.isArray(body['tools']) && body['tools'].length > 0) {
    throw unsupported('tools', 'An agent has tools of its own: leave tools out');
  }
  const format = body['response_format'] as Fields | null | undefined;
  if (format && format['type'] !== 'text') {
    throw unsupported('response_format', 'An agent answers as it is defined: leave response_format out');
  }
  if ((body['n'] ?? 1) !== 1) throw unsupported('n', 'An agent gives one answer: leave n out');
  const messages = chatMessages(body['messages'] as Fields[]);
  const last = messages.at(-1);
  if (last?.role !== 'user')
    throw wrong('messages', 'The last message must be of the user: it is what the agent answers');
  const { text, parts } = last;
  return {
    agentName,
    history: messages.slice(0, -1),
    input: { text, ...(parts ? { parts } : {}) },
    ...(typeof body['user'] === 'string' ? { userId: body['user'] } : {}),
  };
}

function toSaid({ runId, threadId, outcome, usage }: AgentRunResult): Said {
  const { status } = outcome;
  const more = { runId, threadId, status };
  const text = outcome.status === 'succeeded' ? outcome.output.text : outcome.prompt;
  const guildhall = outcome.status === 'succeeded' ? { ...more, citations: outcome.output.citations } : more;
  return { text, toolCalls: [], finishReason: 'stop', usage, guildhall };
}

/** Another attempt took over and began again: never spliced silently, and OpenAI's streams cannot take words back. */
function superseded(): AppError {
  const message = 'The answer was begun again after a failure: ask for the run, or repeat the request';
  return new UpstreamError('stream_superseded', message);
}
