import { LimitExceededError, type RunContext, type ToolCall, type ToolResult } from '@guildhall/sdk';
import { inTurn } from './in-turn.js';

/** More calls in one reply are no plan but a model that has lost its way: none of them runs. */
const MAX_CALLS = 64;
const AT_ONCE = 16;
/** How often in a row a model is told what is wrong with its calls of a tool. */
const MAX_CORRECTIONS = 2;

type Refusal = 'invalid_tool_arguments' | 'unknown_tool';

/** Faults of the model, as tools' executors name them. A tool that fails otherwise did run. */
const REFUSALS: ReadonlyMap<string, Refusal> = new Map(
  Object.entries<Refusal>({
    validation_failed: 'invalid_tool_arguments',
    tool_not_found: 'unknown_tool',
    forbidden: 'unknown_tool',
  }),
);

interface Performed {
  readonly call: ToolCall;
  readonly result: ToolResult;
}

/** Performs what a model asks of its tools, as long as it asks for what can be done. */
export class ToolCalls {
  /** How many replies in a row asked wrongly: by the tool, and for tools there are not, together. */
  private readonly wrong = new Map<string, number>();

  constructor(private readonly ctx: RunContext) {}

  /** The results go into the conversation. Throws when there are too many calls, or too many wrong ones in a row. */
  async perform(calls: readonly ToolCall[]): Promise<void> {
    if (calls.length > MAX_CALLS) {
      const message = `The model asked for ${calls.length} tool calls in one reply and may ask for ${MAX_CALLS}`;
      throw new LimitExceededError('too_many_tool_calls', message);
    }
    const performed = await inTurn(calls, AT_ONCE, async (call) => ({ call, result: await this.ctx.tool(call) }));
    this.judge(performed);
  }

  private judge(performed: readonly Performed[]): void {
    const refused = new Map(
      performed.flatMap((one) => {
        const refusal = refusalOf(one.result);
        return refusal ? [[subjectOf(one.call, refusal), { ...one, refusal }] as const] : [];
      }),
    );
    const mended = performed.map(({ call }) => call.tool).concat(ANY_UNKNOWN);
    for (const subject of mended) if (!refused.has(subject)) this.wrong.delete(subject);
    for (const [subject, { refusal, call, result }] of refused) {
      const times = (this.wrong.get(subject) ?? 0) + 1;
      if (times > MAX_CORRECTIONS) throw givenUp(refusal, call, result, times);
      this.wrong.set(subject, times);
    }
  }
}

/** No tool is named so. */
const ANY_UNKNOWN = '';

function refusalOf(result: ToolResult): Refusal | undefined {
  return result.ok ? undefined : REFUSALS.get(result.error.code);
}

function subjectOf({ tool }: ToolCall, refusal: Refusal): string {
  return refusal === 'unknown_tool' ? ANY_UNKNOWN : tool;
}

function givenUp(refusal: Refusal, { tool }: ToolCall, result: ToolResult, times: number): LimitExceededError {
  const what =
    refusal === 'unknown_tool'
      ? `asked for tools that it does not have, '${tool}' the last`
      : `called '${tool}' with invalid arguments`;
  const why = result.ok ? '' : `: ${result.error.message}`;
  return new LimitExceededError(refusal, `The model ${what}, ${times} times in a row${why}`);
}
