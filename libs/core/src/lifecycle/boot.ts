import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { HealthRegistry } from '../health/health-registry.js';
import { InProcessEventBus } from '../events/in-process-event-bus.js';
import { subscribeListeners } from '../events/listener-discovery.js';
import { ContributionRegistry } from '../plugins/contribution-registry.js';
import { moduleOwners } from '../plugins/module-owners.js';
import { PluginSwitches } from '../plugin-control/plugin-switches.js';
import { PluginManager } from '../plugins/plugin-manager.js';
import { PluginStates } from '../plugins/plugin-state.js';
import { Readiness } from './readiness.js';

/** Brings a composed application to life: contributions found and checked, listeners subscribed, plugins started. */
@Injectable()
export class Boot {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly contributions: ContributionRegistry,
    private readonly bus: InProcessEventBus,
    private readonly states: PluginStates,
    private readonly plugins: PluginManager,
    private readonly switches: PluginSwitches,
    private readonly health: HealthRegistry,
    private readonly readiness: Readiness,
  ) {}

  /** To be called when all modules are made and before HTTP listens. */
  async start(): Promise<void> {
    this.contributions.all();
    const ownerOf = moduleOwners(this.states.all().map(({ plugin }) => plugin.module));
    subscribeListeners(this.modules, ownerOf, this.bus);
    await this.switches.start();
    for (const check of this.plugins.healthChecks()) this.health.register(check);
  }

  /** To be called when HTTP listens. */
  async ready(): Promise<void> {
    await this.plugins.ready();
    this.readiness.markStarted();
  }
}
