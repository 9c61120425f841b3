import { Module } from '@nestjs/common';
import { DisabledPlugins1763700035000 } from './migrations/0001-disabled-plugins.js';
import { PluginSwitchRepository } from './plugin-switch.repository.js';
import { PluginSwitches } from './plugin-switches.js';
import { PluginsController } from './plugins.controller.js';

export const pluginControlMigrations = [DisabledPlugins1763700035000];

/** What an administrator sees of plugins and does with them. */
@Module({
  controllers: [PluginsController],
  providers: [PluginSwitchRepository, PluginSwitches],
  exports: [PluginSwitches],
})
export class PluginControlModule {}
