import { AppError, TimeoutError, type ToolOptions, ValidationError } from '@guildhall/sdk';
import { type Execute, Greeting, greet, house, request, tool } from './spec-fixture/tool-house.js';

const invoked = async (
  execute: Execute,
  input: unknown = {},
  options: Partial<ToolOptions> = {},
): Promise<AppError> => {
  const { invoker } = house(tool('it', execute, options));
  const error: unknown = await invoker.invoke(request, 'it', input).catch((thrown: unknown) => thrown);
  if (AppError.is(error)) return error;
  throw new Error('did not fail');
};

describe('invoking a tool by hand', () => {
  it('returns the output', async () => {
    expect(await house(greet).invoker.invoke(request, 'greet', { name: 'Ada' })).toEqual({
      output: 'Hello Ada',
      durationMs: expect.any(Number),
    });
  });

  it('knows no tool by another id', async () => {
    await expect(house(greet).invoker.invoke(request, 'meet', {})).rejects.toMatchObject({ code: 'tool_not_found' });
  });

  it('calls a bad input bad, with the path', async () => {
    const error = await invoked(() => 1, { name: 7 }, { input: Greeting });
    expect(error).toMatchObject({
      category: 'validation',
      code: 'validation_failed',
      details: [{ path: 'input.name' }],
    });
  });

  it('keeps faults that a tool finds in its input', async () => {
    const error = await invoked(() => Promise.reject(new ValidationError('No such day')));
    expect(error).toMatchObject({ category: 'validation', message: 'No such day' });
  });

  it('calls every other failure tool_failed, in the words of the tool', async () => {
    const error = await invoked(() => Promise.reject(new AppError('not_found', 'order_not_found', 'No order 7')));
    expect(error).toMatchObject({ category: 'upstream', code: 'tool_failed', message: 'No order 7' });
  });

  it('calls a timeout tool_timeout', async () => {
    const error = await invoked(() => new Promise(() => {}), {}, { timeoutMs: 5 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.code).toBe('tool_timeout');
  });

  it('passes on an abort as it is', async () => {
    const { invoker } = house(greet);
    const gone = { ...request, signal: AbortSignal.abort(new Error('client gone')) };
    await expect(invoker.invoke(gone, 'greet', { name: 'Ada' })).rejects.toThrow('client gone');
  });
});
