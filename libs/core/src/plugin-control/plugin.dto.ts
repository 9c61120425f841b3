import { ApiProperty } from '@nestjs/swagger';
import { CatalogueItemDto } from '../http/catalogue.dto.js';
import type { Contribution } from '../plugins/contributions.js';
import type { PluginState, PluginStatus } from '../plugins/plugin-state.js';

export class PluginContributionDto {
  /** `tool`, `worker`, `agent-kind`, `model-provider`, `integration` or `job-handler`. */
  @ApiProperty({ example: 'tool' })
  kind: string;

  @ApiProperty({ example: 'weather.current' })
  name: string;
}

export class PluginDto extends CatalogueItemDto {
  @ApiProperty({ example: 'example-weather' })
  declare id: string;

  @ApiProperty({
    enum: ['loaded', 'initialising', 'active', 'degraded', 'skipped', 'stopping', 'stopped'],
    example: 'active',
  })
  declare status: PluginStatus;

  @ApiProperty({ example: '0.1.0' })
  version: string;

  /** Plugins that must be active before this one. */
  @ApiProperty({ type: [String], example: ['tools'] })
  requires: readonly string[];

  /** What it adds, whether or not it is active. */
  @ApiProperty({ type: [PluginContributionDto] })
  contributions: readonly PluginContributionDto[];

  /** Part of Guildhall itself: cannot be disabled. */
  @ApiProperty({ example: false })
  essential: boolean;

  /** Why it is not active. */
  @ApiProperty({ required: false, example: 'disabled by an administrator' })
  reason?: string;
}

export function toPluginDto(
  { plugin, status, reason }: PluginState,
  contributions: readonly Contribution[],
): PluginDto {
  const { id, description, version, requires } = plugin.descriptor;
  return {
    id,
    kind: 'plugin',
    name: id,
    description: description ?? '',
    plugin: id,
    status,
    version,
    requires: requires ?? [],
    contributions: contributions.filter((item) => item.pluginId === id).map(({ kind, name }) => ({ kind, name })),
    essential: plugin.essential,
    ...(reason === undefined ? {} : { reason }),
  };
}
