import { Inject, Injectable, Optional } from '@nestjs/common';
import {
  AGENT_RUNNER,
  type AgentRunRequest,
  type AgentRunResult,
  type AgentRunSignal,
  type AgentRunner,
  type Answer,
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
    const result = await this.run(ctx, request.model, runRequest(agentName, request.body));
    return JSON.stringify(chatCompletion(request.model, toSaid(result)));
  }

  /** Resolves when the run says its first word, or takes its time. */
  async stream(ctx: RequestContext, agentName: string, request: ChatRequest): Promise<EventStream> {
    const stream = new EventStream({ opensSilent: true });
    const chunks = new ChunkWriter(request.model, request.includeUsage, stream.write);
    const tell = async (): Promise<void> => {
      const asked = runRequest(agentName, request.body);
      const result = await this.run(ctx, request.model, asked, (text) => void chunks.text(text));
      await chunks.finish(toSaid(result));
    };
    tell().then(
      () => stream.end(),
      (error: unknown) => stream.fail(error),
    );
    await stream.opened;
    return stream;
  }

  /** `onDelta` present: the run's words are handed on, and it is ended when another attempt takes them back. */
  async run(
    ctx: RequestContext,
    model: string,
    asked: AgentRunRequest,
    onDelta?: (text: string) => void,
  ): Promise<AgentRunResult> {
    if (!this.runner) throw modelNotFound(model);
    const abort = new AbortController();
    const signal = AbortSignal.any([ctx.signal, abort.signal]);
    let hasSpoken = false;
    const onSignal =
      onDelta &&
      ((event: AgentRunSignal): void => {
        if (event.type === 'restart') return void (hasSpoken && abort.abort(superseded()));
        hasSpoken = true;
        onDelta(event.text);
      });
    try {
      return await this.runner.run({ ...ctx, signal }, asked, onSignal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw AppError.is(error) && error.code === 'agent_not_found' ? modelNotFound(model) : error;
    }
  }
}

function runRequest(agentName: string, body: Fields): AgentRunRequest {
  if (Array.isArray(body['tools']) && body['tools'].length > 0) {
    throw unsupported('tools', 'An agent has tools of its own: leave tools out');
  }
  const format = body['response_format'] as Fields | null | undefined;
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
    ...(format && format['type'] !== 'text' ? { jsonAskedBy: 'response_format' } : {}),
  };
}

function toSaid({ runId, threadId, outcome, usage }: AgentRunResult): Said {
  const { status } = outcome;
  const more = { runId, threadId, status };
  const text = outcome.status === 'succeeded' ? outcome.output.text : outcome.prompt;
  const guildhall = outcome.status === 'succeeded' ? { ...more, ...factsOf(outcome.output) } : more;
  return { text, toolCalls: [], finishReason: 'stop', usage, guildhall };
}

function factsOf({ citations, data }: Answer) {
  const untrustedLinks = data?.['untrustedLinks'];
  return untrustedLinks === undefined ? { citations } : { citations, untrustedLinks };
}

/** Another attempt took over and began again: never spliced silently, and OpenAI's streams cannot take words back. */
function superseded(): AppError {
  const message = 'The answer was begun again after a failure: ask for the run, or repeat the request';
  return new UpstreamError('stream_superseded', message);
}
