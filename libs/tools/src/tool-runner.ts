import { Injectable } from '@nestjs/common';
import {
  AppError,
  AuthorizationError,
  CancelledError,
  TimeoutError,
  type ToolContext,
  UpstreamError,
  ValidationError,
} from '@guildhall/sdk';
import type { CheckedInput, RegisteredTool } from './tool-source.js';
import { ToolMetrics } from './tool-metrics.js';
import { sealOutput } from './tool-output.js';

export interface ToolOutcome {
  readonly output: unknown;
  readonly durationMs: number;
}

/** The one way a tool is run: authorise, validate, run under its timeout, cap the output. Throws what went wrong. */
@Injectable()
export class ToolRunner {
  constructor(private readonly metrics: ToolMetrics) {}

  run(ctx: ToolContext, tool: RegisteredTool, input: unknown): Promise<ToolOutcome> {
    return this.metrics.count(tool, ctx.signal, () => this.perform(ctx, tool, input));
  }

  private async perform(ctx: ToolContext, tool: RegisteredTool, input: unknown): Promise<ToolOutcome> {
    ctx.signal.throwIfAborted();
    authorise(ctx, tool);
    const started = performance.now();
    try {
      const checked = check(tool, input);
      const value = await withTimeout(ctx, tool, (inner) => tool.run(checked, inner));
      return { output: sealOutput(tool, value), durationMs: Math.round(performance.now() - started) };
    } catch (error) {
      // An abort is the caller's doing and not a failure of the tool, whatever the tool threw because of it.
      if (ctx.signal.aborted) throw abortReason(ctx.signal);
      throw asAppError(ctx, tool, error);
    }
  }
}

const MAX_INPUT_BYTES = 256 * 1024;

/** The input as the tool takes it. Throws every fault in it. */
function check(tool: RegisteredTool, input: unknown): unknown {
  const bytes = Buffer.byteLength(JSON.stringify(input) ?? '');
  const checked: CheckedInput = bytes > MAX_INPUT_BYTES ? tooLarge(bytes) : tool.check(input);
  if (checked.ok) return checked.value;
  throw new ValidationError(`The input of the tool '${tool.name}' is not valid`, checked.faults);
}

function tooLarge(bytes: number): CheckedInput {
  const message = `has ${bytes} bytes and may have ${MAX_INPUT_BYTES}: send less at once`;
  return { ok: false, faults: [{ path: 'input', code: 'too_large', message }] };
}

function authorise(ctx: ToolContext, tool: RegisteredTool): void {
  if (ctx.grantedTools === undefined || ctx.grantedTools.includes(tool.name)) return;
  const granted = ctx.grantedTools.length > 0 ? `it has ${ctx.grantedTools.join(', ')}` : 'it has none';
  throw new AuthorizationError(`The agent was not granted the tool '${tool.name}': ${granted}`);
}

/** Ends with the tool, at its timeout, or at the caller's abort, whichever is first: a tool that ignores its signal keeps nobody. */
function withTimeout(
  ctx: ToolContext,
  tool: RegisteredTool,
  work: (inner: ToolContext) => Promise<unknown>,
): Promise<unknown> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const onAbort = () => stop(abortReason(ctx.signal));
    const timer = setTimeout(() => stop(timedOut(tool)), tool.timeoutMs);
    const forget = () => {
      clearTimeout(timer);
      ctx.signal.removeEventListener('abort', onAbort);
    };
    const stop = (reason: Error) => {
      forget();
      controller.abort(reason);
      reject(reason);
    };
    ctx.signal.addEventListener('abort', onAbort, { once: true });
    work({ ...ctx, signal: controller.signal })
      .finally(forget)
      .then(resolve, reject);
  });
}

function timedOut(tool: RegisteredTool): TimeoutError {
  return new TimeoutError('tool_timeout', `The tool '${tool.name}' did not answer within ${tool.timeoutMs} ms`);
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new CancelledError();
}

/** An error of ours keeps its words. Any other may hold secrets or paths: the log gets it, the model and the client do not. */
function asAppError(ctx: ToolContext, tool: RegisteredTool, error: unknown): AppError {
  if (AppError.is(error)) return error;
  ctx.logger.error({ err: error, tool: tool.name, callId: ctx.callId }, 'tool threw');
  return new UpstreamError('tool_failed', `The tool '${tool.name}' failed unexpectedly`, {
    cause: error,
    retryable: false,
  });
}
