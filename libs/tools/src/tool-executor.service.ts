import { Injectable } from '@nestjs/common';
import {
  AppError,
  type RequestContext,
  type ToolCall,
  type ToolContext,
  type ToolExecution,
  type ToolExecutor,
  type ToolResult,
  type ToolSpec,
  ValidationError,
} from '@guildhall/sdk';
import { mayHaveActed } from './may-have-acted.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';

/** How a run meets tools: a failure becomes a result that the model reads; only an abort is thrown. */
@Injectable()
export class RunToolExecutor implements ToolExecutor {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly runner: ToolRunner,
  ) {}

  async describe(ctx: RequestContext, names: readonly string[]): Promise<ToolSpec[]> {
    const tools = await this.registry.getAll(ctx, names);
    return tools.map(({ name, description, inputSchema, effect }) => ({ name, description, inputSchema, effect }));
  }

  async execute(ctx: ToolContext, call: ToolCall): Promise<ToolExecution> {
    const started = performance.now();
    try {
      const tool = await this.registry.find(ctx, call.tool);
      if (!tool) return failed(new AppError('not_found', 'tool_not_found', `There is no tool named '${call.tool}'`));
      if (call.inputFault !== undefined) return failed(unreadable(call, call.inputFault));
      return { ok: true, ...(await this.runner.run(ctx, tool, call.input)) };
    } catch (error) {
      if (ctx.signal.aborted || !AppError.is(error)) throw error;
      const failure = failed(error, Math.round(performance.now() - started));
      return mayHaveActed(error) ? { ...failure, outcome: 'unknown' } : failure;
    }
  }
}

function unreadable({ tool }: ToolCall, message: string): ValidationError {
  const fault = { path: 'input', code: 'unreadable', message };
  return new ValidationError(`The input of the tool '${tool}' is not valid`, [fault]);
}

function failed(error: AppError, durationMs = 0): ToolResult {
  const { code, category, retryable } = error;
  return { ok: false, error: { code, message: readable(error), category, retryable }, durationMs };
}

const MAX_FAULTS = 20;
const MAX_LENGTH = 4000;

/** The message with each fault and its path, so that a model can mend its input; no longer than a model should read. */
function readable({ message, details = [] }: AppError): string {
  const shown = details.slice(0, MAX_FAULTS).map((fault) => `${fault.path}: ${fault.message}`);
  const text = shown.length === 0 ? message : `${message}: ${shown.join('; ')}`;
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
