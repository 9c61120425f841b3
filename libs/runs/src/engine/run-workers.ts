import { Inject, Injectable } from '@nestjs/common';
import { type Counts, Database, MemoryGuard, Settings, type Subscription } from '@guildhall/core';
import type { Actor, Logger, RequestContext } from '@guildhall/sdk';
import { isDatabaseAway } from '../commit/database-errors.js';
import { RunSignals } from '../streaming/run-signals.js';
import type { ClaimedRun } from './claimed-run.js';
import { LeaseRepository } from './lease.repository.js';
import { RunEngine } from './run-engine.js';
import { Standstill } from './standstill.js';
import { Sweeper } from './sweeper.js';
import { TableStatistics } from './table-statistics.js';

/** Part of the room that one claim may fill; after each the tenants' shares are looked at anew. */
const AT_ONCE = 4;
/** A tenth of a lease: half of all runs whose worker died are under way again before a whole lease has passed. */
const SWEEP_EVERY_MS = 1_500;
/** How long a run may lie in the queue, or a wish to cancel unheard, while notifications are lost. */
const POLL_EVERY_MS = 1_000;
const SYSTEM: Actor = { kind: 'system', id: 'runs', scopes: ['*'] };

/** The clockwork around the engine: claims, renews leases, sweeps, and passes on what other processes say. */
@Injectable()
export class RunWorkers {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly stopping = new AbortController();
  private stopped: Promise<Counts> | undefined;
  private claiming: Promise<void> | undefined;
  private again = false;
  /** The queue may hold more than there was room for, in all or of one tenant. */
  private full = false;
  /** The run under way that may kill this process, as long as it may: there is only one at a time. */
  private suspect: string | undefined;
  private lastBeat = performance.now();
  private databaseAwayAt = -Infinity;
  private logger: Logger | undefined;
  private listening: Subscription | undefined;
  private disconnect: (() => void) | undefined;
  private unwatch: (() => void) | undefined;

  constructor(
    private readonly engine: RunEngine,
    private readonly leases: LeaseRepository,
    private readonly sweeper: Sweeper,
    private readonly statistics: TableStatistics,
    private readonly standstill: Standstill,
    private readonly database: Database,
    private readonly signals: RunSignals,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(MemoryGuard) private readonly memory: Pick<MemoryGuard, 'isShort'>,
  ) {}

  /** Runs that this process works on. */
  get load(): number {
    return this.engine.load;
  }

  private get beatEvery(): number {
    return Math.floor(this.settings.RUN_LEASE_MS / 3);
  }

  async start(logger: Logger): Promise<void> {
    this.logger = logger;
    this.engine.start(logger, {
      onIdle: () => this.full && this.claim(),
      onProgress: (runId) => this.clear(runId),
    });
    this.disconnect = this.signals.connect();
    this.listening = await this.database.listen(
      'guildhall_runs',
      (payload) => this.hear(payload),
      () => this.catchUp(),
    );
    if (!this.settings.RUN_WORKERS) return;
    // Less than what heartbeats and writes always leave of a lease.
    const limitMs = this.settings.RUN_LEASE_MS - this.beatEvery;
    this.unwatch = this.standstill.watch(limitMs, () => this.afterStandstill());
    this.every(this.beatEvery, 'renew leases', () => this.renew());
    this.every(SWEEP_EVERY_MS, 'sweep', () => this.sweep());
    this.every(SWEEP_EVERY_MS, 'refresh the statistics of tables', () => this.statistics.refresh());
    this.every(POLL_EVERY_MS, 'poll', () => this.poll());
    await this.sweep();
  }

  /** No new claims; runs come to a step boundary and go back to the queue, at the latest when `signal` aborts. */
  stop(signal: AbortSignal): Promise<Counts> {
    return (this.stopped ??= this.stopStarted(signal));
  }

  /** Takes what waits in the queue, as far as there is room. */
  claim(): void {
    this.again = true;
    this.claiming ??= this.claimAll()
      .catch((error: unknown) => this.warn(error, 'Cannot claim runs now'))
      .finally(() => (this.claiming = undefined));
  }

  /** Not right after the database was away: nobody could renew a lease, and whoever lives does so within a beat. */
  async sweep(): Promise<void> {
    // The last failure may be as old as the pause between two sweeps when the database is back.
    const beatPassed = performance.now() - this.databaseAwayAt > this.beatEvery + 2 * SWEEP_EVERY_MS;
    if (beatPassed) await this.sweeper.sweep(this.context());
    this.claim();
  }

  private async stopStarted(signal: AbortSignal): Promise<Counts> {
    this.stopping.abort();
    await this.claiming;
    // Leases are renewed until the last run has let go.
    const runs = await this.engine.drain(signal);
    for (const timer of this.timers) clearInterval(timer);
    this.unwatch?.();
    this.disconnect?.();
    await this.listening?.close();
    return { runs };
  }

  private async claimAll(): Promise<void> {
    while (this.again && this.settings.RUN_WORKERS && !this.stopping.signal.aborted) {
      this.again = false;
      const room = this.memory.isShort ? 0 : this.engine.room;
      const crowding = this.engine.crowding();
      this.full = room === 0 || crowding.length > 0;
      if (room === 0) return;
      const terms = { except: crowding, leaseMs: this.leaseLeft(), suspects: this.suspect === undefined };
      const runs = await this.leases.claim(this.engine.owner, Math.ceil(room / AT_ONCE), terms);
      for (const run of runs) this.execute(run);
      if (runs.length > 0) this.again = true;
    }
  }

  private execute(run: ClaimedRun): void {
    if (run.suspect) this.suspect = run.id;
    void this.engine.execute(run).finally(() => this.clear(run.id));
  }

  /** It has ended, or shown that it can go on: the next suspect may be tried. */
  private clear(runId: string): void {
    if (this.suspect !== runId) return;
    this.suspect = undefined;
    this.claim();
  }

  /**
   * A claimed run's lease ends when those of the owner's other runs do: the next heartbeat renews it with them, and if
   * none comes, it is not found later than they are.
   */
  private leaseLeft(): number {
    const since = performance.now() - this.lastBeat;
    return this.settings.RUN_LEASE_MS - Math.min(Math.round(since), this.beatEvery);
  }

  private hear(payload: string): void {
    if (payload === 'work') this.claim();
    else if (payload.startsWith('cancel:')) this.engine.cancel(payload.slice('cancel:'.length));
    else this.signals.wake(payload);
  }

  /** Notifications may have been missed. */
  private catchUp(): void {
    this.signals.wakeAll();
    this.claim();
  }

  private async renew(): Promise<void> {
    this.lastBeat = performance.now();
    if (this.engine.load === 0) return;
    const { owner, runIds } = this.engine;
    for (const runId of await this.leases.renew(owner, runIds)) this.engine.cancel(runId);
  }

  private async poll(): Promise<void> {
    if (this.engine.load > 0) {
      for (const runId of await this.leases.cancelRequests(this.engine.owner)) this.engine.cancel(runId);
    }
    this.claim();
  }

  /** Others may have taken its runs: it lets go of them before it does anything else for them. */
  private afterStandstill(): void {
    const runs = this.engine.load;
    if (runs > 0)
      this.logger?.warn({ runs }, 'This process stood still for as long as its leases: letting go of its runs');
    this.engine.abandon();
  }

  private every(ms: number, what: string, work: () => Promise<void>): void {
    let running = false;
    const tick = async () => {
      if (running) return;
      running = true;
      try {
        await work();
      } catch (error) {
        this.warn(error, `Cannot ${what} now; trying again`);
      } finally {
        running = false;
      }
    };
    this.timers.push(setInterval(() => void tick(), ms).unref());
  }

  private warn(error: unknown, message: string): void {
    if (isDatabaseAway(error)) this.databaseAwayAt = performance.now();
    this.logger?.warn({ err: error }, message);
  }

  private context(): RequestContext {
    const { signal } = this.stopping;
    return { tenantId: 'system', actor: SYSTEM, requestId: 'sweep', signal, logger: this.logger! };
  }
}
