import { CircuitOpenError } from '@guildhall/core';
import {
  AppError,
  type ClientReply,
  type CallObserver,
  type ModelClient,
  type ModelSignal,
  type RequestContext,
  type TokenUsage,
  UpstreamError,
} from '@guildhall/sdk';
import type { Accounts, Payer } from '../accounting/accounts.js';
import { BudgetExceededError } from '../accounting/budgets/budget-exceeded.error.js';
import { Reservation } from '../accounting/reservation.js';
import { type Clock, jittered } from '../clock.js';
import { allProvidersFailed } from './all-failed.js';
import { requestOutcomeOf } from './call-outcome.js';
import type { ModelMetrics } from './model-metrics.js';
import type { CallSize } from './price.js';
import { isProvidersFault, wasNotCalled } from './provider-fault.js';
import type { ProviderConnection } from './provider-connection.js';
import type { Route, Target } from './route.js';

/** How often the same provider is tried when there is no other. */
const MAX_TRIES = 3;
const FIRST_BACKOFF_MS = 250;
/** A provider that wants a longer pause is not waited for. */
const MAX_WAIT_MS = 10_000;

type OnSignal = (signal: Exclude<ModelSignal, { type: 'delta' }>) => void;

/** What is asked of whichever model the route comes to. */
export interface Question<Reply> {
  /** False: once something was handed on, a failure is final, because it could not be taken back. */
  readonly restartable: boolean;
  /** Only where somebody limits what the call may cost. */
  size(): CallSize;
  /** Calls `onOutput` when something of the reply is handed on. */
  ask(client: ModelClient, model: string, onOutput: () => void, observer: CallObserver): Promise<Reply>;
}

/** What every call is made with. */
export interface CallServices {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly metrics: ModelMetrics;
}

export type Routed<Reply> = Omit<Reply, 'usage'> & {
  readonly usage: TokenUsage;
  readonly provider: string;
  readonly model: string;
};

/** Whom one question goes to, and the money that is there for it. */
interface Asked {
  readonly connection: ProviderConnection;
  readonly client: ModelClient;
  readonly model: string;
  readonly reservation: Reservation;
}

/** One question on its way through the models of its route, until one answers or none is left. */
export class RoutedCall<Reply extends Pick<ClientReply, 'usage'>> {
  private readonly failures = new Map<string, AppError>();
  private current: { readonly target: Target; readonly failure: AppError } | undefined;
  /** Whether the present attempt has handed on text. */
  private hasSpoken = false;

  constructor(
    private readonly ctx: RequestContext,
    private readonly question: Question<Reply>,
    private readonly services: CallServices,
    private readonly onSignal: OnSignal,
    private readonly payer: Payer = {},
  ) {}

  async run(route: Route): Promise<Routed<Reply>> {
    const { metrics } = this.services;
    try {
      const reply = await this.follow(route);
      metrics.answered('succeeded');
      return reply;
    } catch (error) {
      metrics.answered(this.ctx.signal.aborted ? 'cancelled' : requestOutcomeOf(error));
      throw error;
    }
  }

  private async follow({ targets, lastResort, pinned }: Route): Promise<Routed<Reply>> {
    // Who has nobody else to ask waits for his turn.
    const patienceMs = targets.length === 1 && !lastResort ? MAX_WAIT_MS : 0;
    for (const target of targets) {
      const reply = await this.attempt(target, patienceMs);
      if (reply) return reply;
    }
    const reply = (await this.retryLast(targets)) ?? (lastResort && (await this.attempt(lastResort, MAX_WAIT_MS)));
    if (reply) return reply;
    const [failure] = this.failures.values();
    throw pinned && failure ? failure : allProvidersFailed(this.failures);
  }

  /** None is left: the last one that may yet recover is tried again, with growing pauses; who ever answered, rather. */
  private async retryLast(targets: readonly Target[]): Promise<Routed<Reply> | undefined> {
    const { clock } = this.services;
    const worth = targets.filter(({ connection }) => this.isWorthRetrying(connection.config.id));
    const target = worth.findLast(({ connection }) => connection.standing.isProven) ?? worth.at(-1);
    for (let tries = 1; target && tries < MAX_TRIES; tries++) {
      const failure = this.failures.get(target.connection.config.id)!;
      const waitMs = Math.max(failure.retryAfterMs ?? 0, FIRST_BACKOFF_MS * 2 ** (tries - 1));
      if (!failure.retryable || waitMs > MAX_WAIT_MS) return undefined;
      await clock.sleep(jittered(clock, waitMs), this.ctx.signal);
      const reply = await this.attempt(target, MAX_WAIT_MS);
      if (reply) return reply;
    }
    return undefined;
  }

  private isWorthRetrying(provider: string): boolean {
    const failure = this.failures.get(provider);
    return failure !== undefined && failure.retryable && !isRefusal(failure);
  }

  /** The reply, or undefined when the provider failed and another may be tried. */
  private async attempt(target: Target, patienceMs: number): Promise<Routed<Reply> | undefined> {
    this.ctx.signal.throwIfAborted();
    const { id } = target.connection.config;
    const reservation = await this.admit(target);
    if (!reservation) return undefined;
    try {
      return await this.call(target, patienceMs, reservation);
    } catch (error) {
      if (this.ctx.signal.aborted) throw this.ctx.signal.reason;
      const failure = AppError.is(error) ? error : unexpected(id, error);
      this.log(target.connection, failure, AppError.is(error));
      if (this.hasSpoken && !this.question.restartable) throw failure;
      this.failures.set(id, failure);
      // What was not called is no attempt, unless it is all the first choice came to.
      if (!wasNotCalled(failure) || !this.current) this.current = { target, failure };
      return undefined;
    } finally {
      reservation.close();
    }
  }

  /** While a vendor is down there is one for every call: what is told in our own words is told once a second. */
  private log({ config, logPace }: ProviderConnection, failure: AppError, isTold: boolean): void {
    const { code, message: reason, cause } = failure;
    const base = { provider: config.id, code };
    if (!isTold) return this.ctx.logger.warn({ ...base, err: failure }, 'A model call failed');
    const unlogged = logPace.next(reason);
    if (unlogged === undefined) return;
    const why = cause instanceof Error ? { cause: cause.message } : {};
    const others = unlogged > 0 ? { unlogged } : {};
    this.ctx.logger.warn({ ...base, reason, ...why, ...others }, 'A model call failed');
  }

  /** Sets aside what the call may cost; undefined where the provider's budget is used up, so that it is passed over. */
  private async admit(target: Target): Promise<Reservation | undefined> {
    const { connection, model = connection.defaultModel } = target;
    // It will not be asked.
    if (connection.state === 'open') return new Reservation(0, []);
    try {
      const { accounts } = this.services;
      return await accounts.reserve(this.ctx, this.payer, connection, model, () => this.question.size());
    } catch (error) {
      if (!(error instanceof BudgetExceededError) || error.scope !== 'provider') throw error;
      this.failures.set(connection.config.id, error);
      this.current ??= { target, failure: error };
      return undefined;
    }
  }

  private async call(target: Target, patienceMs: number, reservation: Reservation): Promise<Routed<Reply>> {
    const { connection } = target;
    const { clock } = this.services;
    const { signal } = this.ctx;
    let isAnnounced = false;
    let latencyMs: number | undefined;
    let began = clock.now();
    let model = target.model ?? connection.defaultModel ?? '';
    const work = async (client: ModelClient): Promise<Routed<Reply>> => {
      began = clock.now();
      model = target.model ?? (await connection.resolveDefaultModel(client, signal));
      // Another key or address of the same provider is no other choice.
      if (!isAnnounced) this.announce(target, model);
      isAnnounced = true;
      return this.ask({ connection, client, model, reservation }, () => {
        if (latencyMs === undefined) {
          latencyMs = clock.now() - began;
          this.services.metrics.began(connection.config, latencyMs);
        }
        this.hasSpoken = true;
      });
    };
    try {
      const reply = await connection.call({ signal, patienceMs, isFinal: () => this.hasSpoken }, work);
      connection.window(model).succeeded(latencyMs ?? clock.now() - began);
      return reply;
    } catch (error) {
      if (!signal.aborted && !wasNotCalled(error) && isProvidersFault(error)) connection.window(model).failed();
      throw error;
    }
  }

  /** Asks, and books what that cost, whatever comes of it. */
  private async ask({ connection, client, model, reservation }: Asked, onOutput: () => void): Promise<Routed<Reply>> {
    const provider = connection.config.id;
    const account = this.services.accounts.open(this.ctx, this.payer, connection, model, reservation);
    const noticed = () => {
      account.onBegin();
      onOutput();
    };
    try {
      const reply = await this.question.ask(client, model, noticed, account);
      return { ...reply, usage: account.succeeded(reply.usage), provider, model };
    } catch (error) {
      const usage = account.failed(error);
      if (usage) this.onSignal({ type: 'spent', provider, model, usage });
      throw error;
    }
  }

  /** Tells who is asked now, after whom, and that what a failed attempt said does not count. */
  private announce(target: Target, model: string): void {
    const previous = this.current;
    const provider = target.connection.config.id;
    const moved = previous !== undefined && previous.target !== target;
    if (moved) {
      const from = previous.target.connection.config.id;
      this.services.metrics.failedOver(previous.target.connection.config);
      this.onSignal({ type: 'failed-over', from, to: provider, reason: previous.failure.code });
    }
    if (this.hasSpoken) this.onSignal({ type: 'restart' });
    this.hasSpoken = false;
    if (moved || previous === undefined) this.onSignal({ type: 'selected', provider, model });
  }
}

/** Refused before anybody was asked, and it will be so for a while. */
function isRefusal(failure: AppError): boolean {
  return failure instanceof CircuitOpenError || failure instanceof BudgetExceededError;
}

function unexpected(provider: string, cause: unknown): AppError {
  return new UpstreamError('provider_unavailable', `Provider '${provider}' failed unexpectedly`, { provider, cause });
}
