import { Injectable } from '@nestjs/common';
import { type AgentRunRequest, type AgentRunResult, type RequestContext } from '@guildhall/sdk';
import { AgentChat } from '../agent-chat.js';
import { unsupported, wrong } from '../faults.js';
import type { Answered, Asked, Listener } from './answered.js';
import { toMessages } from './to-messages.js';

/** Answers of agents: a response is a run, and one that goes on from another is the next run of its thread. */
@Injectable()
export class AgentAnswers {
  constructor(private readonly agents: AgentChat) {}

  async answer(ctx: RequestContext, agentName: string, asked: Asked, listener?: Listener): Promise<Answered> {
    const { model } = asked.request;
    const result = await this.agents.run(
      ctx,
      model,
      await runRequest(agentName, asked),
      listener && ((text) => listener.text(text)),
    );
    return toAnswered(result);
  }
}

async function runRequest(agentName: string, asked: Asked): Promise<AgentRunRequest> {
  const { request, previous } = asked;
  refuseForms(asked);
  const continues = runOf(previous);
  const messages = toMessages([...(continues ? [] : await asked.earlier()), ...request.items]);
  const last = messages.at(-1);
  if (last?.role !== 'user') throw wrong('input', 'The last item must be of the user: it is what the agent answers');
  const { text, parts } = last;
  const instructions = continues || request.instructions === undefined ? [] : [request.instructions];
  return {
    agentName,
    history: [...instructions.map((said) => ({ role: 'system' as const, text: said })), ...messages.slice(0, -1)],
    input: { text, ...(parts ? { parts } : {}) },
    ...(request.user === undefined ? {} : { userId: request.user }),
    ...(continues ? { continues } : {}),
    ...(request.schema === undefined ? {} : { jsonAskedBy: 'text' }),
  };
}

function refuseForms({ request, previous }: Asked): void {
  const { tools, instructions } = request;
  if (tools.length > 0) throw unsupported('tools', 'An agent has tools of its own: leave tools out');
  const hasThread = runOf(previous) !== undefined;
  if (!hasThread || instructions === undefined || instructions === previous?.response['instructions']) return;
  const message = 'The thread keeps the instructions it began with: leave instructions out, or begin another';
  throw unsupported('instructions', message);
}

/** The run that a response was, if an agent answered. */
function runOf(response: Asked['previous']): AgentRunRequest['continues'] {
  const { runId = null, threadId = null } = response ?? {};
  return runId === null || threadId === null ? undefined : { runId, threadId };
}

function toAnswered({ runId, threadId, outcome, usage }: AgentRunResult): Answered {
  const { status } = outcome;
  const guildhall = { runId, threadId, status };
  const said = {
    reasoning: undefined,
    toolCalls: [],
    finishReason: 'stop' as const,
    usage,
    run: { id: runId, threadId },
  };
  if (outcome.status === 'waiting') return { ...said, text: outcome.prompt, citations: [], guildhall };
  const { text, citations } = outcome.output;
  return { ...said, text, citations, guildhall: { ...guildhall, citations } };
}
