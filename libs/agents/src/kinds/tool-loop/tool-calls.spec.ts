import type { RunContext, ToolCall, ToolResult } from '@guildhall/sdk';
import { ToolCalls } from './tool-calls.js';

const fine: ToolResult = { ok: true, output: 1, durationMs: 1 };
const failed = (code: string): ToolResult => {
  const error = { code, message: `said ${code}`, category: 'validation', retryable: false } as const;
  return { ok: false, error, durationMs: 1 };
};
const WRONG = failed('validation_failed');
const UNKNOWN = failed('tool_not_found');

/** A run whose tools answer by their name: `wrong` and `unknown` are refused, whatever else works. */
function calls(results: Record<string, ToolResult> = {}) {
  const performed: string[] = [];
  let running = 0;
  let most = 0;
  const tool = async ({ id, tool: name }: ToolCall) => {
    performed.push(id);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return results[name] ?? fine;
  };
  const toolCalls = new ToolCalls({ tool } as unknown as RunContext);
  const ask = (...tools: string[]) =>
    toolCalls.perform(tools.map((name, index) => ({ id: String(index), tool: name, input: {} })));
  return { ask, performed, most: () => most };
}

describe('the tool calls of a model', () => {
  it('run side by side, sixteen at once', async () => {
    const { ask, performed, most } = calls();
    await ask(...Array.from({ length: 64 }, () => 'look'));
    expect(performed).toEqual(Array.from({ length: 64 }, (_, index) => String(index)));
    expect(most()).toBe(16);
  });

  it('all stay undone when they are too many for one reply', async () => {
    const { ask, performed } = calls();
    await expect(ask(...Array.from({ length: 65 }, () => 'look'))).rejects.toMatchObject({
      category: 'limit_exceeded',
      code: 'too_many_tool_calls',
      message: expect.stringContaining('65'),
    });
    expect(performed).toEqual([]);
  });

  it('may be wrong twice in a row, and end the run the third time', async () => {
    const { ask } = calls({ wrong: WRONG });
    await ask('wrong');
    await ask('wrong');
    await expect(ask('wrong')).rejects.toMatchObject({
      category: 'limit_exceeded',
      code: 'invalid_tool_arguments',
      message: "The model called 'wrong' with invalid arguments, 3 times in a row: said validation_failed",
    });
  });

  it('count as one try where one reply is wrong several times', async () => {
    const { ask } = calls({ wrong: WRONG });
    await ask('wrong', 'wrong', 'wrong', 'wrong');
    await ask('wrong', 'wrong');
    await expect(ask('wrong')).rejects.toMatchObject({ code: 'invalid_tool_arguments' });
  });

  it('start afresh when the tool was called rightly', async () => {
    const results = { shaky: WRONG };
    const { ask } = calls(results);
    for (let round = 0; round < 3; round++) {
      await ask('shaky');
      await ask('shaky');
      results.shaky = fine;
      await expect(ask('shaky')).resolves.toBeUndefined();
      results.shaky = WRONG;
    }
  });

  it('are judged by each tool, whatever is called between', async () => {
    const { ask } = calls({ wrong: WRONG, worse: WRONG });
    await ask('wrong', 'worse');
    await ask('look');
    await ask('wrong');
    await expect(ask('look', 'wrong')).rejects.toMatchObject({ message: expect.stringContaining("'wrong'") });
    await ask('worse');
  });

  it('may ask for tools there are not, or that are not granted, twice in a row in all', async () => {
    const { ask } = calls({ ghost: UNKNOWN, phantom: UNKNOWN, refund: failed('forbidden') });
    await ask('ghost');
    await ask('phantom', 'look');
    await expect(ask('refund')).rejects.toMatchObject({ category: 'limit_exceeded', code: 'unknown_tool' });
  });

  it('forget the tools there are not once only others are called', async () => {
    const { ask } = calls({ ghost: UNKNOWN });
    for (let round = 0; round < 3; round++) {
      await ask('ghost');
      await ask('ghost');
      await expect(ask('look')).resolves.toBeUndefined();
    }
  });

  it('may fail as often as they like where the tool did run', async () => {
    const { ask } = calls({
      shop: failed('shop_closed'),
      slow: failed('tool_timeout'),
      guarded: failed('approval_rejected'),
    });
    for (let round = 0; round < 5; round++) await expect(ask('shop', 'slow', 'guarded')).resolves.toBeUndefined();
  });
});
