import { Injectable } from '@nestjs/common';
import { type BreakerState, Settings, sharesOf } from '@guildhall/core';
import {
  BUILTIN_PROVIDER,
  type ModelReference,
  type RequestContext,
  UnavailableError,
  ValidationError,
} from '@guildhall/sdk';
import type { ConfiguredProvider } from '../registry/configured-provider.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { Connections } from './connections.js';
import { averageOf, costPart, healthPart, performancePart, weighedPerformance } from './measure.js';
import type { ProviderConnection } from './provider-connection.js';
import { NEUTRAL_PREFERENCE, type RankingParts, type RankingWeights, rankProviders } from './rank-providers.js';
import { shareLoad } from './share-load.js';

/** One model of one provider; without a name, its default model. */
export interface Target {
  readonly connection: ProviderConnection;
  readonly model?: string;
}

/** Which models may answer, in the order they are tried. */
export interface Route {
  readonly targets: readonly Target[];
  /** Answers when all targets failed. */
  readonly lastResort?: Target;
  /** The caller named this one model and no other: its own failure is the answer. */
  readonly pinned: boolean;
}

export interface RankedTarget extends Target {
  readonly source: ConfiguredProvider['source'];
  readonly provider: string;
  readonly priority: number;
  readonly parts: RankingParts;
  readonly state: BreakerState;
  readonly score: number;
}

/** Turns a model reference into the models to try. */
@Injectable()
export class Routes {
  private picks = 0;
  private shares: RankingWeights | undefined;

  constructor(
    private readonly registry: ProviderRegistry,
    private readonly connections: Connections,
    private readonly settings: Settings,
  ) {}

  get weights(): RankingWeights {
    return (this.shares ??= readWeights(this.settings.ROUTING_WEIGHTS));
  }

  async resolve(ctx: RequestContext, reference: ModelReference): Promise<Route> {
    const { provider, name, route = 'default', fallback = false, fallbackToBuiltin = false } = reference;
    if (provider === undefined) {
      if (name !== undefined) throw invalid('model.provider', `Say which provider has the model '${name}'`);
      if (route !== 'default') throw invalid('model.route', `There is no route '${route}'; use "default"`);
      const targets = await this.inTurn(ctx, reference.preferences);
      if (targets.length === 0) return { targets: [await this.builtin(ctx)], pinned: false };
      const isNeeded = fallbackToBuiltin || targets.every(neverWorked);
      return { targets, pinned: false, ...(isNeeded ? { lastResort: await this.builtin(ctx) } : {}) };
    }
    const pinned = await this.pinned(ctx, provider, name);
    const others = fallback ? await this.inTurn(ctx, reference.preferences) : [];
    return {
      targets: [pinned, ...others.filter(({ connection }) => connection !== pinned.connection)],
      pinned: !fallback,
      ...(fallbackToBuiltin ? { lastResort: await this.builtin(ctx) } : {}),
    };
  }

  /**
   * Who can answer now comes first, and those that do equally well come first by turns. Who never answered comes after
   * all who did, even those that are busy now: they may still be asked in vain.
   */
  private async inTurn(ctx: RequestContext, preferences?: Readonly<Record<string, number>>): Promise<RankedTarget[]> {
    const scored = await this.scored(ctx, preferences);
    const [unproven, known] = split(scored, ({ connection }) => connection.isUnproven);
    const targets = [known, unproven].flatMap((group) => {
      const [ready, busy] = split(group, ({ connection }) => connection.isReady);
      return [...shareLoad(ready.map(withPick)), ...busy];
    });
    if (targets[0]) targets[0].connection.pickedAt = ++this.picks;
    return targets;
  }

  /** The default models of all usable providers but the built-in one, best first; last those that never answered. */
  async ranked(ctx: RequestContext): Promise<RankedTarget[]> {
    return split(await this.scored(ctx), ({ connection }) => connection.standing.isProven).flat();
  }

  private async scored(ctx: RequestContext, preferences: Readonly<Record<string, number>> = {}) {
    const usable = (await this.registry.list(ctx)).filter(
      (provider) => provider.source !== 'builtin' && this.connections.unavailable(provider) === undefined,
    );
    const found = usable.map((provider) => ({
      source: provider.source,
      ...measure(this.connections.connect(provider)),
    }));
    const average = averageOf(found.map(({ measured }) => measured));
    const preferred = new Map(Object.entries(preferences));
    return rankProviders(
      found.map(({ calls, health, cost, measured, ...target }) => {
        const performance = weighedPerformance(calls, measured, average);
        const preference = preferred.get(target.provider) ?? NEUTRAL_PREFERENCE;
        return { ...target, parts: { health, cost, performance, preference } };
      }),
      this.weights,
    );
  }

  async builtin(ctx: RequestContext): Promise<Target> {
    return this.pinned(ctx, BUILTIN_PROVIDER);
  }

  private async pinned(ctx: RequestContext, id: string, model?: string): Promise<Target> {
    const providers = await this.registry.list(ctx);
    const found = providers.find(({ config }) => config.id === id);
    if (!found) {
      const ids = providers.map(({ config }) => config.id).toSorted();
      throw invalid('model.provider', `There is no provider '${id}'; there are: ${ids.join(', ')}`);
    }
    const unavailable = this.connections.unavailable(found);
    if (unavailable !== undefined) {
      const message = `Provider '${id}' cannot be used: ${unavailable}`;
      throw new UnavailableError('provider_unavailable', message, { provider: id, retryable: false });
    }
    const connection = this.connections.connect(found);
    connection.wanted();
    return { connection, ...(model === undefined ? {} : { model }) };
  }
}

function measure(connection: ProviderConnection) {
  connection.wanted();
  const { id, priority = 1 } = connection.config;
  const { defaultModel: model, state } = connection;
  const calls = connection.window(model ?? '').summary();
  return {
    connection,
    provider: id,
    priority,
    state,
    calls,
    health: healthPart(state, calls),
    cost: costPart(connection.model(model)),
    measured: performancePart(calls),
    ...(model === undefined ? {} : { model }),
  };
}

function readWeights(text: string): RankingWeights {
  const { health = 0, cost = 0, performance = 0, preference = 0 } = sharesOf(text);
  return { health, cost, performance, preference };
}

/** A tenant stored it, and it failed before it ever answered. Where there are no others, the built-in one answered so far. */
const neverWorked = ({ source, connection }: RankedTarget) =>
  source === 'stored' && connection.standing.verdict.kind === 'failed';

/** Those of which it is true, and the others, in their order. */
function split<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

const withPick = (target: RankedTarget) => ({ ...target, pickedAt: target.connection.pickedAt });

function invalid(path: string, message: string): ValidationError {
  return new ValidationError(message, [{ path, code: 'invalid_reference', message }], 'invalid_reference');
}
