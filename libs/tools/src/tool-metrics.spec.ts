import { UpstreamError } from '@guildhall/sdk';
import { type Execute, house, request, tool } from './spec-fixture/tool-house.js';

const context = {
  ...request,
  callId: 'call_1',
  idempotencyKey: 'key_1',
  groups: [],
  collectionIds: [],
};

describe('the metrics of tools', () => {
  const failing =
    (category: string): Execute =>
    () => {
      throw Object.assign(new UpstreamError('x', 'x'), { category });
    };

  it('count calls by kind of tool and outcome, of runs and of clients alike, and name no tool', async () => {
    const controller = new AbortController();
    const { executor, invoker, metrics } = house(
      tool('works', () => 'done'),
      tool('breaks', failing('upstream'), {}, 'acme'),
      tool('invents', failing('a made up category'), {}, 'acme'),
      tool('is-left', () => (controller.abort(new Error('the lease is lost')), 'late')),
    );
    const call = (name: string) => executor.execute(context, { id: 'call_1', tool: name, input: {} });
    await call('works');
    await invoker.invoke(request, 'works', {});
    await call('breaks');
    await call('invents');
    await call('is-not-there');
    const leaving = executor.execute(
      { ...context, signal: controller.signal },
      { id: 'c', tool: 'is-left', input: {} },
    );
    await expect(leaving).rejects.toThrow('the lease is lost');
    const text = await metrics.registry.metrics();
    expect(text.match(/^tool_calls_total\{.*$/gm)).toEqual([
      'tool_calls_total{kind="builtin",outcome="succeeded"} 2',
      'tool_calls_total{kind="plugin",outcome="upstream"} 1',
      'tool_calls_total{kind="plugin",outcome="internal"} 1',
      'tool_calls_total{kind="builtin",outcome="cancelled"} 1',
    ]);
    expect(text).toContain('tool_call_duration_seconds_count{kind="builtin"} 3');
    expect(text).toContain('tool_call_duration_seconds_count{kind="plugin"} 2');
  });
});
