import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeModelRequest, FakeReply } from '../../libs/testing/src/fake-model-script.js';
import type { Effect, Ledger } from './ledger.js';

/** What a run's model and tools will do; it travels as the run's input. */
export interface Plan {
  readonly run: string;
  /** One tool call each, in this order; then the answer. */
  readonly tools: readonly (Effect | 'exit' | 'block')[];
  readonly modelMs?: number;
  readonly holdMs?: number;
  readonly answer?: string;
  /** Instead of a text that would have to travel with the input. */
  readonly answerWords?: number;
}

/** A model that does what the run's input says, and notes in the ledger that it was asked. */
export function plannedModel(ledger: Ledger): (request: FakeModelRequest) => FakeReply {
  return (request) => {
    const { messages, tools = [] } = request.body;
    const asked = messages.findLastIndex(({ role }) => role === 'user');
    const plan = JSON.parse(String(messages[asked]!.content)) as Plan;
    const step = messages.slice(asked).filter(({ role }) => role === 'tool').length;
    ledger.modelCall(plan.run, step);
    const after = sleep(plan.modelMs ?? 5);
    const wanted = plan.tools[step];
    if (wanted === undefined) return { text: answerOf(plan), after };
    const tool = tools.find(({ function: { name } }) => name.endsWith(wanted));
    if (!tool) return { status: 500, message: `The agent was not given '${wanted}'` };
    const input = { run: plan.run, step, holdMs: plan.holdMs ?? 5, ms: plan.holdMs ?? 5 };
    return { toolCalls: [{ id: `call-${step}`, name: tool.function.name, arguments: input }], after };
  };
}

const answerOf = ({ run, answer, answerWords }: Plan): string =>
  answerWords === undefined ? (answer ?? `Done with ${run}`) : 'word '.repeat(answerWords);
