import {
  type AgentRunRequest,
  type AgentRunResult,
  type AgentRunSignal,
  type AgentRunner,
  NotFoundError,
  type RequestContext,
  UpstreamError,
} from '@guildhall/sdk';
import { AgentChat } from './agent-chat.js';
import { chatRequest } from './chat-request.js';
import type { EventStream } from './event-stream.js';

const ctx = { tenantId: 't', signal: new AbortController().signal } as RequestContext;
const USAGE = { inputTokens: 30, outputTokens: 4, cachedTokens: 10, costMicroUsd: 7 };
const succeeded = (text: string): AgentRunResult => ({
  runId: 'run_1',
  threadId: 'thr_1',
  outcome: { status: 'succeeded', output: { text, citations: [] } },
  usage: USAGE,
});
type Run = (signal: AbortSignal, onSignal?: (signal: AgentRunSignal) => void) => Promise<AgentRunResult>;

function house(run: Run) {
  const asked: AgentRunRequest[] = [];
  const runner: AgentRunner = {
    list: async () => [{ name: 'support', createdAt: new Date(5000) }],
    run: (context, request, onSignal) => {
      asked.push(request);
      return run(context.signal, onSignal);
    },
  };
  return { chat: new AgentChat(runner), asked };
}
const request = (more: object = {}) =>
  chatRequest({ model: 'agent/support', messages: [{ role: 'user', content: 'Hi' }], ...more });
const complete = async (chat: AgentChat, more?: object) =>
  JSON.parse(await chat.complete(ctx, 'support', request(more))) as Record<string, unknown>;

async function read({ readable }: EventStream) {
  let text = '';
  for await (const piece of readable) text += String(piece);
  const events = text.split('\n\n').filter((event) => event.trim() !== '');
  const chunks = events.flatMap((event) => {
    const data = event.trim().slice('data: '.length);
    return data === '[DONE]' ? [] : [JSON.parse(data)];
  });
  return { chunks, isDone: events.at(-1) === 'data: [DONE]' };
}

describe('agent/<name>', () => {
  it('runs the agent on what was said before, and answers with its output and where to find the run', async () => {
    const { chat, asked } = house(async () => succeeded('Hello!'));
    const messages = [
      { role: 'developer', content: 'Be kind.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: [{ type: 'text', text: 'How are you?' }] },
    ];
    const answer = await complete(chat, { messages, user: 'u1' });
    expect(asked).toEqual([
      {
        agentName: 'support',
        history: [
          { role: 'system', text: 'Be kind.' },
          { role: 'user', text: 'Hi' },
          { role: 'assistant', text: 'Yes?' },
        ],
        input: { text: 'How are you?' },
        userId: 'u1',
      },
    ]);
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'agent/support',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello!' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 30,
        completion_tokens: 4,
        total_tokens: 34,
        prompt_tokens_details: { cached_tokens: 10 },
      },
      guildhall: { runId: 'run_1', threadId: 'thr_1', status: 'succeeded', citations: [] },
    });
  });

  it('streams deltas as chunks and ends with usage for who asks', async () => {
    const { chat } = house(async (_signal, onSignal) => {
      onSignal!({ type: 'delta', text: 'Hel' });
      onSignal!({ type: 'delta', text: 'lo!' });
      return succeeded('Hello!');
    });
    const asked = request({ stream: true, stream_options: { include_usage: true } });
    const { chunks, isDone } = await read(await chat.stream(ctx, 'support', asked));
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: 'Hel' },
      { content: 'lo!' },
      {},
      undefined,
    ]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, 'stop', undefined]);
    expect(chunks.at(-1).usage.total_tokens).toBe(34);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(isDone).toBe(true);
  });

  it('says what an agent that spoke no deltas said', async () => {
    const { chat } = house(async () => succeeded('Hello!'));
    const { chunks } = await read(await chat.stream(ctx, 'support', request({ stream: true })));
    expect(chunks[0].choices[0].delta).toEqual({ role: 'assistant', content: 'Hello!' });
  });

  it('asks the question that a waiting run has', async () => {
    const { chat } = house(async () => ({
      ...succeeded(''),
      outcome: { status: 'waiting', prompt: 'Refund 5 €?' },
    }));
    expect(await complete(chat)).toMatchObject({
      choices: [{ message: { content: 'Refund 5 €?' } }],
      guildhall: { status: 'waiting' },
    });
  });

  it('restarts unseen before the first word, and breaks off after it: an attempt’s words are never spliced', async () => {
    const restarting = (spoken: boolean) =>
      house((signal, onSignal) => {
        if (spoken) onSignal!({ type: 'delta', text: 'Hel' });
        onSignal!({ type: 'restart' });
        if (signal.aborted) return Promise.reject(new Error('stopped'));
        onSignal!({ type: 'delta', text: 'Hello!' });
        return Promise.resolve(succeeded('Hello!'));
      }).chat;
    const unseen = await read(await restarting(false).stream(ctx, 'support', request({ stream: true })));
    expect(unseen.chunks[0].choices[0].delta.content).toBe('Hello!');
    const seen = await read(await restarting(true).stream(ctx, 'support', request({ stream: true })));
    expect(seen.chunks.at(-1)).toMatchObject({ error: { code: 'stream_superseded', type: 'server_error' } });
    expect(seen.isDone).toBe(false);
  });

  it('fails before the first word with the error itself', async () => {
    const failure = new UpstreamError('provider_unavailable', 'down');
    const { chat } = house(() => Promise.reject(failure));
    await expect(chat.stream(ctx, 'support', request({ stream: true }))).rejects.toBe(failure);
  });

  it('knows no agents where nothing runs them, nor unknown ones', async () => {
    const nowhere = new AgentChat();
    await expect(nowhere.complete(ctx, 'support', request())).rejects.toMatchObject({ code: 'model_not_found' });
    expect(await nowhere.names(ctx)).toEqual([]);
    const { chat } = house(() => Promise.reject(new NotFoundError('agent', 'support')));
    await expect(chat.complete(ctx, 'support', request())).rejects.toMatchObject({
      category: 'not_found',
      code: 'model_not_found',
    });
    expect(await chat.names(ctx)).toHaveLength(1);
  });

  it.each([
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['n', { n: 2 }],
    ['messages', { messages: [{ role: 'assistant', content: 'Yes?' }] }],
  ])('refuses %s, which an agent cannot follow', async (path, more) => {
    const { chat, asked } = house(async () => succeeded('x'));
    await expect(complete(chat, more)).rejects.toMatchObject({ category: 'validation', details: [{ path }] });
    expect(asked).toEqual([]);
  });

  it('tells who runs the agent where JSON is asked for: whether it answers so, the agent says', async () => {
    const { chat, asked } = house(async () => succeeded('{}'));
    await complete(chat, { response_format: { type: 'json_object' } });
    await complete(chat, { response_format: { type: 'text' } });
    expect(asked.map(({ jsonAskedBy }) => jsonAskedBy)).toEqual(['response_format', undefined]);
  });
});
