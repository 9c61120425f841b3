import { Injectable } from '@nestjs/common';
import { type Units, type WeatherReport, sampleWeather } from './sample-weather.js';

/** What the tool and the route share. */
@Injectable()
export class WeatherService {
  private units: Units = 'metric';
  private reports = 0;

  configure(units: Units): void {
    this.units = units;
  }

  /** How many reports were asked for in this process. */
  get served(): number {
    return this.reports;
  }

  current(place: string): WeatherReport {
    this.reports++;
    return sampleWeather(place, this.units);
  }
}
