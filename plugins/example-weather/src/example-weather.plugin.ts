import { z } from 'zod';
import { Plugin, type PluginContext, type PluginHealth, type PluginHooks } from '@guildhall/sdk';
import { CurrentWeather } from './current-weather.tool.js';
import { RunJournal } from './run-journal.js';
import { WeatherController } from './weather.controller.js';
import { WeatherService } from './weather.service.js';

/** `EXAMPLE_WEATHER_UNITS`: `metric` (default) or `imperial`. */
const Config = z.object({ units: z.enum(['metric', 'imperial']).default('metric') });

@Plugin({
  id: 'example-weather',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Example: a tool, a route, a setting and a listener around sample weather',
  requires: ['tools'],
  onFailure: 'degrade',
  config: Config,
  providers: [WeatherService, CurrentWeather, RunJournal],
  controllers: [WeatherController],
})
export class ExampleWeatherPlugin implements PluginHooks<z.infer<typeof Config>> {
  constructor(
    private readonly weather: WeatherService,
    private readonly journal: RunJournal,
  ) {}

  init({ config, logger }: PluginContext<z.infer<typeof Config>>): void {
    this.weather.configure(config.units);
    this.journal.open(logger);
  }

  start({ logger, config }: PluginContext<z.infer<typeof Config>>): void {
    logger.info({ units: config.units }, 'Sample weather is served');
  }

  health(): PluginHealth {
    return { status: 'healthy', detail: `${this.weather.served} reports served` };
  }
}
