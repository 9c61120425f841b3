import { Controller, Get, Param } from '@nestjs/common';
import { ValidationError } from '@guildhall/sdk';
import type { WeatherReport } from './sample-weather.js';
import { WeatherService } from './weather.service.js';

/** A route of the plugin's own: `GET /api/v1/weather/{place}`. A key is needed, as everywhere. */
@Controller({ path: 'weather', version: '1' })
export class WeatherController {
  constructor(private readonly weather: WeatherService) {}

  @Get(':place')
  current(@Param('place') place: string): WeatherReport {
    if (place.trim() !== '' && place.length <= 100) return this.weather.current(place);
    throw new ValidationError('The place is not valid', [
      { path: 'place', code: 'invalid_length', message: 'Name a place with 1 to 100 characters' },
    ]);
  }
}
