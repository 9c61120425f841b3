import { Inject, Injectable } from '@nestjs/common';
import { type BreakerState, CONTRIBUTIONS, type Contributions, OutboundClient, Settings } from '@guildhall/core';
import type { ModelProviderHandler, ProviderConfig } from '@guildhall/sdk';
import { CLOCK, type Clock } from '../clock.js';
import type { ConfiguredProvider } from '../registry/configured-provider.js';
import { Endpoint } from './endpoint.js';
import { ProviderConnection } from './provider-connection.js';

/** Connects configured providers through whatever plugin brought their kind. A connection lives as long as its configuration. */
@Injectable()
export class Connections {
  private readonly made = new Map<ProviderConfig, ProviderConnection>();

  constructor(
    @Inject(CONTRIBUTIONS) private readonly contributions: Contributions,
    private readonly settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly outbound: OutboundClient,
  ) {}

  /** Why the provider cannot be used; undefined when it can. */
  unavailable({ config, unavailable }: ConfiguredProvider): string | undefined {
    if (unavailable !== undefined) return unavailable;
    return this.handler(config.kind) ? undefined : `No active plugin brings providers of kind '${config.kind}'`;
  }

  /** Only for providers that are available. */
  connect({ config }: ConfiguredProvider): ProviderConnection {
    const known = this.made.get(config);
    if (known) return known;
    const endpoints = endpointConfigs(config).map((one) =>
      this.endpoint(one, (state) => {
        if (state === 'closed') connection.recovered();
      }),
    );
    const connection = new ProviderConnection(config, endpoints, this.clock);
    this.made.set(config, connection);
    return connection;
  }

  /** Of a configuration that is no more. */
  drop(config: ProviderConfig): void {
    this.made.delete(config);
  }

  /** The plugin that brings a kind. */
  handler(kind: string) {
    return this.contributions.find<ModelProviderHandler, { description: string }>('model-provider', kind);
  }

  kinds(): string[] {
    return this.contributions.list('model-provider').map(({ name }) => name);
  }

  private endpoint(config: ProviderConfig, onChange: (state: BreakerState) => void): Endpoint {
    const { trust = 'tenant', timeouts: { connectMs } = {} } = config;
    const fetch = this.outbound.fetch(trust, connectMs === undefined ? {} : { connectMs });
    const client = this.handler(config.kind)!.instance.connect(config, fetch);
    const { BREAKER_FAILURES: failures, BREAKER_OPEN_MS: openMs } = this.settings;
    return new Endpoint(config, client, this.clock, { failures, openMs, onChange });
  }
}

/** One configuration for each endpoint. */
function endpointConfigs({ endpoints = [{}], ...config }: ProviderConfig): ProviderConfig[] {
  return endpoints.map((endpoint) => ({ ...config, ...endpoint }));
}
