import { z } from 'zod';
import type { RequestContext, ToolHandler, ToolOptions } from '@guildhall/sdk';
import { type Contribution, type Contributions, Metrics } from '@guildhall/core';
import { ContributedTools } from '../contributed-tools.js';
import { RunToolExecutor } from '../tool-executor.service.js';
import { ToolInvoker } from '../tool-invoker.js';
import { ToolMetrics } from '../tool-metrics.js';
import { ToolRegistry } from '../tool-registry.js';
import { ToolRunner } from '../tool-runner.js';

export const logged: object[] = [];
const log = (fields: object) => void logged.push(fields);
const logger = { debug: log, info: log, warn: log, error: log };
const actor = { kind: 'api-key' as const, id: 'key_1', scopes: ['*'] };
export const request: RequestContext = {
  tenantId: 'ten_1',
  actor,
  requestId: 'req_1',
  signal: new AbortController().signal,
  logger,
};
export type Execute = ToolHandler['execute'];

export function tool(name: string, execute: Execute, options: Partial<ToolOptions> = {}, pluginId = 'tools') {
  const all = { name, description: `Does ${name}`, input: z.strictObject({}), effect: 'read' as const, ...options };
  return { kind: 'tool', name, options: all, pluginId, instance: { execute } };
}

export function house(...tools: Contribution<ToolHandler, ToolOptions>[]) {
  const contributions = {
    list: () => tools,
    find: (_kind: string, name: string) => tools.find((one) => one.name === name),
  } as unknown as Contributions;
  const registry = new ToolRegistry([new ContributedTools(contributions)]);
  const metrics = new Metrics();
  const runner = new ToolRunner(new ToolMetrics(metrics));
  const executor = new RunToolExecutor(registry, runner);
  return { registry, metrics, executor, invoker: new ToolInvoker(registry, runner) };
}

export const Greeting = z.strictObject({ name: z.string().min(1), times: z.int().max(3).default(1) });
export const greet = tool('greet', (input) => `Hello ${(input as { name: string }).name}`, { input: Greeting });
