import { Global } from '@nestjs/common';
import { Plugin, TOOL_EXECUTOR } from '@guildhall/sdk';
import { Calculator } from './builtin/calculator/calculator.tool.js';
import { CurrentTime } from './builtin/current-time.tool.js';
import { KnowledgeSearch } from './builtin/knowledge-search.tool.js';
import { CLOCK } from './clock.js';
import { ContributedTools } from './contributed-tools.js';
import { RunToolExecutor } from './tool-executor.service.js';
import { ToolInvoker } from './tool-invoker.js';
import { ToolMetrics } from './tool-metrics.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';
import { TOOL_SOURCES } from './tool-source.js';
import { ToolController } from './tool.controller.js';

/** What agents can do: the catalogue of tools, and the one way to run one. */
@Global()
@Plugin({
  id: 'tools',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Registry, executor and built-in tools',
  controllers: [ToolController],
  providers: [
    Calculator,
    CurrentTime,
    KnowledgeSearch,
    { provide: CLOCK, useValue: Date.now },
    ContributedTools,
    { provide: TOOL_SOURCES, inject: [ContributedTools], useFactory: (contributed: ContributedTools) => [contributed] },
    ToolRegistry,
    ToolMetrics,
    ToolRunner,
    ToolInvoker,
    { provide: TOOL_EXECUTOR, useClass: RunToolExecutor },
  ],
  exports: [TOOL_EXECUTOR],
})
export class ToolsModule {}
