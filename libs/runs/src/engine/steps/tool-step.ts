import type { Answerer, InterruptRequest, ToolCall, ToolContext, ToolEffect, ToolResult } from '@guildhall/sdk';
import type { AttemptState } from '../attempt-state.js';
import type { RecordedStep, Replay } from '../replay.js';
import { LiveStep } from '../step-recorder.js';
import { toStoredError } from '../stored-error.js';
import type { ToolEffects } from '../tool-effects.js';
import { ask, fingerprint } from './ask-step.js';

/**
 * Answers a tool call from the record, or executes it: after a person's approval where the agent demands it, noted
 * beforehand where repeating it would matter. A call cut off before its outcome was known is repeated with the same
 * idempotency key, unless it is unsafe: then a person decides.
 */
export async function performTool(
  state: AttemptState,
  key: string,
  call: ToolCall,
  effects: ToolEffects,
): Promise<ToolResult> {
  state.nameCall(call.id, key);
  const replay = await state.replay({ key, kind: 'tool', name: call.tool, boundInput: call.input });
  if (replay.kind === 'answer') {
    state.countStep();
    return recordedResult(state, replay.step);
  }
  await state.admit(false);
  const effect = await state.pauses.during(() => effects.of(call.tool));
  return callTool(state, key, call, effect, replay);
}

async function callTool(
  state: AttemptState,
  key: string,
  call: ToolCall,
  effect: ToolEffect,
  replay: Exclude<Replay, { kind: 'answer' }>,
): Promise<ToolResult> {
  let { attempt } = replay;
  if (replay.kind === 'interrupted') {
    attempt++;
    if (effect === 'unsafe') {
      const decided = await decideUnknown(state, `${key}/unknown/${replay.attempt}`, call);
      if (decided) return settle(state, new LiveStep(state, identity(key, call, replay.attempt)), call, decided);
    }
  } else if (call.inputFault === undefined && state.agent.approvals.some(({ tool }) => tool === call.tool)) {
    const refused = await approve(state, `${key}/approval/${fingerprint(call.input)}`, call);
    if (refused) {
      const step = new LiveStep(state, identity(key, call, attempt));
      step.announce();
      return settle(state, step, call, refused);
    }
  }
  const step = new LiveStep(state, identity(key, call, attempt));
  const result = await state.pauses.during(() => execute(state, step, call, effect));
  // Cut off in the life of this process, it is as one that was cut off by the end of another's.
  return result ?? callTool(state, key, call, effect, { kind: 'interrupted', attempt: step.facts.attempt });
}

const identity = (key: string, call: ToolCall, attempt: number) => {
  const kind = 'tool' as const;
  return { key, kind, name: call.tool, input: call.input ?? null, attempt };
};

/** Undefined: nobody knows whether it took effect, and it must not happen twice. */
async function execute(
  state: AttemptState,
  step: LiveStep,
  call: ToolCall,
  effect: ToolEffect,
): Promise<ToolResult | undefined> {
  const { writer, signal, contracts } = state;
  const matters = effect !== 'read';
  step.announce();
  writer.event('tool_call.requested', { callId: call.id, tool: call.tool, input: call.input });
  if (matters) step.begin();
  await state.settle('acts');
  try {
    const { outcome, ...result } = await contracts.tools.execute(toolContext(state, step, call), call);
    if (outcome !== 'unknown' || effect !== 'unsafe') return settle(state, step, call, result);
    step.leaveUnknown();
    return undefined;
  } catch (error) {
    if (matters) step.leaveUnknown();
    else if (!signal.aborted) step.fail(toStoredError(error));
    throw error;
  }
}

function settle(state: AttemptState, step: LiveStep, call: ToolCall, result: ToolResult): ToolResult {
  const facts = { callId: call.id, tool: call.tool };
  if (result.ok) {
    state.writer.event('tool_call.completed', { ...facts, output: result.output });
    step.succeed(result.output ?? null);
  } else {
    state.writer.event('tool_call.failed', { ...facts, error: result.error });
    step.fail(result.error);
  }
  return result;
}

function recordedResult(state: AttemptState, step: RecordedStep): ToolResult {
  const finishedAt = step.finishedAt ?? step.startedAt;
  state.tick(finishedAt);
  const durationMs = finishedAt.getTime() - step.startedAt.getTime();
  if (!step.error) return { ok: true, output: step.output, durationMs };
  const { code, message, category, retryable } = step.error;
  return { ok: false, error: { code, message, category, retryable }, durationMs };
}

function toolContext(state: AttemptState, step: LiveStep, call: ToolCall): ToolContext {
  const { request, run, agent } = state;
  const { groups = [], timeZone, locale } = run.context;
  return {
    ...request,
    idempotencyKey: state.nameCall(call.id, step.key),
    callId: call.id,
    runId: run.id,
    groups,
    ...(timeZone !== undefined && { timeZone }),
    ...(locale !== undefined && { locale }),
    collectionIds: agent.knowledge.map(({ collectionId }) => collectionId),
    grantedTools: agent.tools,
  };
}

const REFUSED = 'A person refused this call';
/** For the model, which would repeat the effect if it made the call anew. */
const GIVEN_UP = 'A person gave this call up; it may have taken effect, so do not make it again';

const refusal = (what: string, comment: string | undefined): ToolResult => {
  const message = comment === undefined ? what : `${what}: ${comment}`;
  const error = { code: 'approval_rejected', message, category: 'authorization', retryable: false } as const;
  return { ok: false, error, durationMs: 0 };
};

/** The strictest of the rules for this tool. What became of a call that needed another's approval is for another to say, too. */
function answererOf({ agent }: AttemptState, call: ToolCall): Answerer {
  return agent.approvals.some(({ tool, by }) => tool === call.tool && by === 'other') ? 'other' : 'anyone';
}

/** Undefined: approved. */
async function approve(state: AttemptState, key: string, call: ToolCall): Promise<ToolResult | undefined> {
  const { decision, comment } = await ask(state, key, {
    kind: 'approval',
    prompt: `May '${call.tool}' be called with these arguments?`,
    toolCall: call,
    by: answererOf(state, call),
  });
  return decision === 'approve' ? undefined : refusal(REFUSED, comment);
}

/** What a person says became of a call that was cut off; undefined: call it again. */
async function decideUnknown(state: AttemptState, key: string, call: ToolCall): Promise<ToolResult | undefined> {
  const question: InterruptRequest = {
    kind: 'unknown_effect',
    prompt: `'${call.tool}' was cut off and may have taken effect. Is it done, should it be tried again, or given up?`,
    toolCall: call,
    by: answererOf(state, call),
  };
  const { decision, value, comment } = await ask(state, key, question);
  if (decision === 'retry') return undefined;
  return decision === 'done' ? { ok: true, output: value ?? null, durationMs: 0 } : refusal(GIVEN_UP, comment);
}
