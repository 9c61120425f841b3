import { Global } from '@nestjs/common';
import { Shutdown } from '@guildhall/core';
import { AGENT_RUNNER, Plugin, WORKER_INVOKER, type PluginContext, type PluginHooks } from '@guildhall/sdk';
import { AgentRunnerService } from './agent-runner.js';
import { RunCommitter } from './commit/run-committer.js';
import { EngineContracts } from './engine/engine-contracts.js';
import { LeaseRepository } from './engine/lease.repository.js';
import { RunEngine } from './engine/run-engine.js';
import { RunHistory } from './engine/run-history.js';
import { RunWorkers } from './engine/run-workers.js';
import { Standstill } from './engine/standstill.js';
import { Sweeper } from './engine/sweeper.js';
import { TableStatistics } from './engine/table-statistics.js';
import { InterruptController } from './interrupts/interrupt.controller.js';
import { InterruptRepository } from './interrupts/interrupt.repository.js';
import { InterruptService } from './interrupts/interrupt.service.js';
import { RUN_MIGRATIONS } from './migrations/run-migrations.js';
import { RunRetentionJob } from './retention/run-retention.job.js';
import { RunEnds } from './run-ends.js';
import { RunMetrics } from './run-metrics.js';
import { RunControl } from './run-control.service.js';
import { RunRetries } from './run-retries.js';
import { RunSettlement } from './run-settlement.js';
import { RunStarter } from './run-starter.js';
import { RunWaiter } from './run-waiter.js';
import { RunController } from './run.controller.js';
import { RunRepository } from './run.repository.js';
import { RunSteps } from './run-steps.service.js';
import { RunService } from './run.service.js';
import { EventTail } from './streaming/event-tail.js';
import { RunEventController } from './streaming/run-event.controller.js';
import { RunEventRepository } from './streaming/run-event.repository.js';
import { RunSignals } from './streaming/run-signals.js';
import { RunStreams } from './streaming/run-streams.js';
import { RunWatch } from './streaming/run-watch.js';
import { ThreadQueue } from './threads/thread-queue.js';
import { ThreadController } from './threads/thread.controller.js';
import { ThreadRepository } from './threads/thread.repository.js';
import { ThreadService } from './threads/thread.service.js';
import { WorkerInvokerService } from './worker-invoker.js';

/** Threads, runs and the engine that makes them durable. */
@Global()
@Plugin({
  id: 'runs',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Threads, runs, interrupts and the engine that executes agents as durable functions',
  // Runs are handed back as long as there is a database to hand them to, which may take its time.
  hookTimeoutMs: 30_000,
  migrations: RUN_MIGRATIONS,
  controllers: [RunController, RunEventController, ThreadController, InterruptController],
  providers: [
    RunSignals,
    ThreadQueue,
    ThreadRepository,
    ThreadService,
    RunRepository,
    RunSteps,
    RunCommitter,
    RunHistory,
    LeaseRepository,
    RunSettlement,
    RunMetrics,
    RunEnds,
    EngineContracts,
    Standstill,
    RunEngine,
    Sweeper,
    TableStatistics,
    RunWorkers,
    RunWaiter,
    RunControl,
    RunRetries,
    RunService,
    RunEventRepository,
    RunWatch,
    EventTail,
    RunStreams,
    RunStarter,
    InterruptRepository,
    InterruptService,
    { provide: AGENT_RUNNER, useClass: AgentRunnerService },
    { provide: WORKER_INVOKER, useClass: WorkerInvokerService },
    RunRetentionJob,
  ],
  exports: [RunService, AGENT_RUNNER, WORKER_INVOKER],
})
export class RunsModule implements PluginHooks {
  constructor(
    private readonly workers: RunWorkers,
    private readonly shutdown: Shutdown,
    private readonly metrics: RunMetrics,
  ) {}

  async start({ logger }: PluginContext): Promise<void> {
    // Before HTTP closes: a request that waits for a run ends only when the run has let go.
    this.shutdown.beforeClose({
      name: 'runs reaching a step boundary',
      underWay: () => ({ runs: this.workers.load }),
      drain: (signal) => this.workers.stop(signal),
    });
    this.metrics.observe();
    await this.workers.start(logger);
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.workers.stop(signal);
  }
}
