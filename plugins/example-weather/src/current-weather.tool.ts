import { z } from 'zod';
import { Tool, type ToolHandler } from '@guildhall/sdk';
import type { WeatherReport } from './sample-weather.js';
import { WeatherService } from './weather.service.js';

const Place = z.object({
  place: z.string().trim().min(1).max(100).describe('A town or a city, e.g. "Lisbon"'),
});

@Tool({
  name: 'weather.current',
  description: 'Current weather for a place: temperature and conditions. Sample data, for demonstration',
  input: Place,
  effect: 'read',
})
export class CurrentWeather implements ToolHandler<z.infer<typeof Place>> {
  constructor(private readonly weather: WeatherService) {}

  execute({ place }: z.infer<typeof Place>): WeatherReport {
    return this.weather.current(place);
  }
}
