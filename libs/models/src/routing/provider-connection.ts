import type { BreakerState } from '@guildhall/core';
import { type ModelClient, type ProviderConfig, type ProviderModel, UnavailableError } from '@guildhall/sdk';
import { type Clock, jittered } from '../clock.js';
import type { Standing } from '../registry/standing.js';
import { CallWindow } from './call-window.js';
import { Endpoint } from './endpoint.js';
import { LogPace } from './log-pace.js';
import type { Probes } from './probes.js';
import { EndpointBusyError, isKeysFault, isProvidersFault } from './provider-fault.js';
import type { Scout } from './scout.js';
import { verdictOfCall } from './verdicts.js';

const MAX_MODELS = 100;
/** How long after the last request that could have used it a provider is worth a probe. */
const WANTED_MS = 600_000;

export interface CallOptions {
  readonly signal: AbortSignal;
  /** How long to wait for an endpoint that is busy, in ms. */
  readonly patienceMs: number;
  /** Whether something was handed on, so that no other endpoint may begin anew. */
  readonly isFinal: () => boolean;
}

/** One provider in use: its endpoints, and what was measured of its models. */
export class ProviderConnection {
  /** When it was last the first choice among equals. */
  pickedAt = 0;
  /** Of what the log says about its failures. */
  readonly logPace: LogPace;
  private readonly windows = new Map<string, CallWindow>();
  private discovered: readonly ProviderModel[] = [];
  private turns = 0;
  private wantedAt = -Infinity;

  constructor(
    readonly config: ProviderConfig,
    readonly endpoints: readonly Endpoint[],
    private readonly clock: Clock,
    readonly standing: Standing,
    /** Absent: only calls of users find out whether an endpoint is back. */
    private readonly probes?: Probes,
    /** Absent: only they find out whether it answers at all. */
    private readonly scout?: Scout,
  ) {
    this.logPace = new LogPace(() => clock.now());
  }

  /** A request could use it: while that is so, it is brought back when it failed. */
  wanted(): void {
    this.wantedAt = this.clock.now();
    for (const endpoint of this.endpoints) if (endpoint.breaker.state !== 'closed') this.probes?.arm(endpoint);
    if (!this.standing.isProven) this.scout?.wanted();
  }

  /** Finds out whether it answers, where it never did. */
  async look(): Promise<void> {
    if (!this.standing.isProven) await this.scout?.look();
  }

  /** It never answered, and either failed or was not asked yet: whoever did answer comes first. */
  get isUnproven(): boolean {
    const { verdict } = this.standing;
    if (verdict.kind === 'proven') return false;
    // Where nothing but a call can tell, one call at a time finds out; others stand by to take over.
    const onlyCallsTell = verdict.kind === 'undecided' || (verdict.kind === 'unasked' && !this.scout);
    return !onlyCallsTell || this.endpoints.some(({ isIdle }) => !isIdle);
  }

  /** A call of it ended, in this error or in none. */
  heard(error?: unknown): void {
    const verdict = this.standing.isProven ? undefined : verdictOfCall(this.config.id, error);
    if (verdict) void this.standing.learn(verdict);
  }

  get isWanted(): boolean {
    return this.clock.now() - this.wantedAt < WANTED_MS;
  }

  close(): void {
    this.scout?.stop();
    this.probes?.stop();
  }

  /** The best of its endpoints. */
  get state(): BreakerState {
    let best: BreakerState = 'open';
    for (const { breaker } of this.endpoints) {
      const { state } = breaker;
      if (state === 'closed') return state;
      if (state === 'half_open') best = state;
    }
    return best;
  }

  /** Whether a call made now would reach the vendor. */
  get isReady(): boolean {
    return this.endpoints.some(({ isReady }) => isReady);
  }

  /**
   * Makes a call at the endpoint that has least to do. Where that one's key or address is at fault and another endpoint
   * is ready, that one is asked at once: the provider fails only when all that could answer did.
   */
  async call<T>({ signal, patienceMs, isFinal }: CallOptions, work: (client: ModelClient) => Promise<T>): Promise<T> {
    const until = this.clock.now() + patienceMs;
    let left = this.endpoints;
    for (;;) {
      const endpoint = choose(left);
      if (!endpoint) {
        await this.pause(left, until, signal);
        continue;
      }
      try {
        return await endpoint.run(++this.turns, signal, work);
      } catch (error) {
        left = othersAfter(endpoint, left, error);
        if (signal.aborted || isFinal() || !left.some(({ isReady }) => isReady)) throw error;
      }
    }
  }

  /** The model that a route takes, as far as it is known without asking. */
  get defaultModel(): string | undefined {
    return (this.config.models[0] ?? this.discovered[0])?.name;
  }

  /** The model that a route takes; the endpoint is asked where the configuration names none. */
  async resolveDefaultModel(client: ModelClient, signal: AbortSignal): Promise<string> {
    if (this.defaultModel === undefined) this.discovered = (await client.listModels?.(signal)) ?? [];
    if (this.defaultModel !== undefined) return this.defaultModel;
    const { id } = this.config;
    throw new UnavailableError('provider_unavailable', `Provider '${id}' offers no model`, { provider: id });
  }

  /** What is configured about a model; a name that is not listed has no price. */
  model(name: string | undefined): Partial<ProviderModel> {
    return this.config.models.find((model) => model.name === name) ?? {};
  }

  window(model: string): CallWindow {
    const known = this.windows.get(model);
    if (known) return known;
    // Agents may pin any name.
    if (this.windows.size >= MAX_MODELS) this.windows.clear();
    const window = new CallWindow(() => this.clock.now());
    this.windows.set(model, window);
    return window;
  }

  /** The outage is over: what failed in it says nothing of now. */
  recovered(): void {
    for (const window of this.windows.values()) window.recovered();
  }

  /** Waits until one of them may have room; throws where that takes too long. */
  private async pause(endpoints: readonly Endpoint[], until: number, signal: AbortSignal): Promise<void> {
    const waits = endpoints.filter(({ isCallable }) => isCallable).map(({ waitMs }) => waitMs);
    const waitMs = Math.min(...waits);
    if (this.clock.now() + waitMs > until) throw new EndpointBusyError(this.config.id, waitMs);
    await this.clock.sleep(jittered(this.clock, waitMs), signal);
  }
}

/** The one to call; undefined while all that may be called are busy. */
function choose(endpoints: readonly Endpoint[]): Endpoint | undefined {
  let best: Endpoint | undefined;
  for (const endpoint of endpoints) {
    if (endpoint.isReady && (!best || Endpoint.compare(endpoint, best) < 0)) best = endpoint;
  }
  if (best) return best;
  // Any breaker will do: it refuses, and says when to come again.
  return endpoints.some(({ isCallable }) => isCallable) ? undefined : endpoints[0];
}

/** Who may fare better: another key where the key was the trouble, another address where the vendor was. */
function othersAfter(failed: Endpoint, endpoints: readonly Endpoint[], error: unknown): readonly Endpoint[] {
  if (isKeysFault(error)) return endpoints.filter((endpoint) => endpoint !== failed);
  if (!isProvidersFault(error)) return [];
  return endpoints.filter(({ config }) => config.baseUrl !== failed.config.baseUrl);
}
