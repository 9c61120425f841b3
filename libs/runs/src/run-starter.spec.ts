import { Readiness } from '@guildhall/core';
import { CancelledError, ConflictError, type RequestContext, TimeoutError } from '@guildhall/sdk';
import type { RunControl } from './run-control.service.js';
import { contextOf } from './run-harness.js';
import { RunStarter } from './run-starter.js';
import type { RunService } from './run.service.js';
import type { Run } from './run.js';
import type { RunStreams } from './streaming/run-streams.js';

const LEFT = new CancelledError('The client closed the connection', 'client_closed');

/** A start that is streamed, and the connection that may break under it. */
async function streamed(onDisconnect: 'continue' | 'cancel' | undefined, cancel = jest.fn().mockResolvedValue({})) {
  const connection = new AbortController();
  const logger = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const ctx: RequestContext = { ...contextOf(), signal: connection.signal, logger };
  const readiness = new Readiness();
  const starter = new RunStarter(
    { start: async () => ({ run: { id: 'run_a' } as Run }) } as unknown as RunService,
    { open: () => new Response() } as unknown as RunStreams,
    { cancel } as unknown as RunControl,
    readiness,
  );
  const input = { agentId: 'agt_a', input: { text: 'hi' }, onDisconnect };
  await starter.start(ctx, input, { stream: true, waitMs: undefined, isRepeat: false });
  return { connection, cancel, readiness, logger };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a streamed start', () => {
  it('cancels its run when its client leaves, by a signal that is still good', async () => {
    const { connection, cancel } = await streamed('cancel');
    connection.abort(LEFT);
    const [ctx, id] = cancel.mock.calls[0] as [RequestContext, string];
    expect([id, ctx.signal.aborted]).toEqual(['run_a', false]);
  });

  it.each(['continue', undefined] as const)('leaves it alone where its client asked for %s', async (onDisconnect) => {
    const { connection, cancel } = await streamed(onDisconnect);
    connection.abort(LEFT);
    expect(cancel).not.toHaveBeenCalled();
  });

  it('leaves it alone when its time is up: the client is still there', async () => {
    const { connection, cancel } = await streamed('cancel');
    connection.abort(new TimeoutError('request_timeout', 'Too late'));
    expect(cancel).not.toHaveBeenCalled();
  });

  it('leaves it to go on elsewhere when this process stops and cuts the connection', async () => {
    const { connection, cancel, readiness } = await streamed('cancel');
    readiness.markDraining();
    connection.abort(LEFT);
    expect(cancel).not.toHaveBeenCalled();
  });

  it.each([
    ['says nothing where the run has ended by itself', new ConflictError('run_already_finished', 'It has'), 0],
    ['tells the log why it could not be cancelled', new Error('no database'), 1],
  ])('%s', async (_what, failure, told) => {
    const { connection, logger } = await streamed('cancel', jest.fn().mockRejectedValue(failure));
    connection.abort(LEFT);
    await settled();
    expect(logger.error).toHaveBeenCalledTimes(told);
  });
});
