import { ApiProperty } from '@nestjs/swagger';

/** One item of a catalogue: tools, workers, models, providers, plugins and integrations all show these fields. */
export class CatalogueItemDto {
  /** What other requests name it by. */
  @ApiProperty({ example: 'calculator' })
  id: string;

  /** Where it comes from or what sort it is, e.g. `builtin`, `plugin`. */
  @ApiProperty({ example: 'builtin' })
  kind: string;

  @ApiProperty({ example: 'calculator' })
  name: string;

  @ApiProperty({ example: 'Evaluates arithmetic exactly' })
  description: string;

  /** The plugin that contributes it; null where a tenant made it. */
  @ApiProperty({ type: String, nullable: true, example: 'tools' })
  plugin: string | null;

  @ApiProperty({ example: 'active' })
  status: string;

  /** JSON Schema 2020-12 of what it takes. */
  @ApiProperty({ type: 'object', additionalProperties: true, selfRequired: false, example: { type: 'object' } })
  inputSchema?: Record<string, unknown>;
}
