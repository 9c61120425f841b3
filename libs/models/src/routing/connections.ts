import { Inject, Injectable } from '@nestjs/common';
import {
  type BreakerState,
  CONTRIBUTIONS,
  type Contributions,
  LOGGER,
  OutboundClient,
  Settings,
} from '@guildhall/core';
import type { Logger, ModelProviderHandler, ProviderConfig } from '@guildhall/sdk';
import { CLOCK, type Clock } from '../clock.js';
import type { ConfiguredProvider } from '../registry/configured-provider.js';
import type { Standing } from '../registry/standing.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import { ModelMetrics } from './model-metrics.js';
import { Probes } from './probes.js';
import { ProviderConnection } from './provider-connection.js';
import { Scout } from './scout.js';
import { sayOk } from './say-ok.js';

/** Connects configured providers through whatever plugin brought their kind. A connection lives as long as its configuration. */
@Injectable()
export class Connections {
  private readonly made = new Map<ProviderConfig, ProviderConnection>();

  constructor(
    @Inject(CONTRIBUTIONS) private readonly contributions: Contributions,
    private readonly settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly outbound: OutboundClient,
    private readonly metrics: ModelMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Why the provider cannot be used; undefined when it can. */
  unavailable({ config, unavailable }: ConfiguredProvider): string | undefined {
    if (unavailable !== undefined) return unavailable;
    return this.handler(config.kind) ? undefined : `No active plugin brings providers of kind '${config.kind}'`;
  }

  /** Only for providers that are available. */
  connect({ config, standing }: ConfiguredProvider): ProviderConnection {
    const known = this.made.get(config);
    if (known) return known;
    const probes = this.settings.PROVIDER_PROBES ? this.probes(() => connection) : undefined;
    const onChange = (state: BreakerState, endpoint: Endpoint) => {
      if (state === 'closed') connection.recovered();
      if (state !== 'open') return;
      this.logger.warn({ provider: config.id }, 'A provider failed repeatedly and is not called for now');
      probes?.opened(endpoint);
    };
    const onCall: EndpointOptions['onCall'] = (outcome, ms, error) => {
      this.metrics.called(config, outcome, ms);
      connection.heard(error);
    };
    const endpoints = endpointConfigs(config).map((one) => this.endpoint(one, { onChange, onCall }));
    const scout = this.settings.PROVIDER_PROBES ? this.scout(config, standing, endpoints) : undefined;
    const connection: ProviderConnection = new ProviderConnection(
      config,
      endpoints,
      this.clock,
      standing,
      probes,
      scout,
    );
    this.made.set(config, connection);
    return connection;
  }

  /** One in use. */
  find(config: ProviderConfig): ProviderConnection | undefined {
    return this.made.get(config);
  }

  /** Those in use. */
  all(): IterableIterator<ProviderConnection> {
    return this.made.values();
  }

  /** Of a configuration that is no more. */
  drop(config: ProviderConfig): void {
    this.made.get(config)?.close();
    this.made.delete(config);
  }

  close(): void {
    for (const connection of this.made.values()) connection.close();
  }

  /** Who connects providers of a kind, where an active plugin brings it. */
  handler(kind: string) {
    const active = this.contributions.list<ModelProviderHandler, { description: string }>('model-provider');
    return active.find(({ name }) => name === kind);
  }

  kinds(): string[] {
    return this.contributions.list('model-provider').map(({ name }) => name);
  }

  private probes(connection: () => ProviderConnection): Probes {
    return new Probes({
      everyMs: this.settings.BREAKER_OPEN_MS,
      isWanted: () => connection().isWanted,
      ask: (client, signal) => sayOk(connection(), client, { signal }),
      logger: this.logger,
    });
  }

  private scout({ id }: ProviderConfig, standing: Standing, endpoints: readonly Endpoint[]): Scout {
    return new Scout({
      provider: id,
      clients: endpoints.map(({ client }) => client),
      standing,
      clock: this.clock,
      everyMs: this.settings.BREAKER_OPEN_MS,
      logger: this.logger,
    });
  }

  private endpoint(config: ProviderConfig, listeners: Pick<EndpointOptions, 'onChange' | 'onCall'>): Endpoint {
    const { trust = 'tenant', timeouts: { connectMs } = {} } = config;
    const fetch = this.outbound.fetch(trust, connectMs === undefined ? {} : { connectMs });
    const client = this.handler(config.kind)!.instance.connect(config, fetch);
    const { BREAKER_FAILURES: failures, BREAKER_OPEN_MS: openMs } = this.settings;
    return new Endpoint(config, client, this.clock, { failures, openMs, ...listeners });
  }
}

/** One configuration for each endpoint. */
function endpointConfigs({ endpoints = [{}], ...config }: ProviderConfig): ProviderConfig[] {
  return endpoints.map((endpoint) => ({ ...config, ...endpoint }));
}
