import { type CanActivate, type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { UnavailableError } from '@guildhall/sdk';
import { moduleOwners } from './module-owners.js';
import { PluginStates } from './plugin-state.js';

/** Answers 503 on the routes of plugins that are not available. */
@Injectable()
export class PluginAvailabilityGuard implements CanActivate {
  private owners?: Map<Type, string>;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly states: PluginStates,
  ) {}

  canActivate(host: ExecutionContext): boolean {
    if (this.states.allAvailable) return true;
    const pluginId = (this.owners ??= this.controllerOwners()).get(host.getClass());
    if (pluginId === undefined || this.states.isAvailable(pluginId)) return true;
    const status = this.states.get(pluginId)?.status;
    throw new UnavailableError('plugin_unavailable', `Plugin '${pluginId}', which serves this route, is ${status}`);
  }

  private controllerOwners(): Map<Type, string> {
    const ownerOf = moduleOwners(this.states.all().map(({ plugin }) => plugin.module));
    const controllers = new Map<Type, string>();
    for (const module of this.modules.values()) {
      const pluginId = ownerOf(module.metatype);
      for (const { metatype } of module.controllers.values()) controllers.set(metatype as Type, pluginId);
    }
    return controllers;
  }
}
