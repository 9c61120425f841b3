export type Units = 'metric' | 'imperial';

export interface WeatherReport {
  readonly place: string;
  readonly temperature: number;
  readonly unit: '°C' | '°F';
  readonly conditions: string;
  /** Always true: nobody measured this. */
  readonly sample: true;
  readonly notice: string;
}

const CONDITIONS = ['clear', 'cloudy', 'windy', 'rain', 'snow'] as const;
const NOTICE = 'Sample data of the example plugin, made from the name of the place; not a measurement';

/** The same weather for the same place, however it is written. */
export function sampleWeather(place: string, units: Units): WeatherReport {
  const number = hash(place.trim().toLowerCase());
  const celsius = (number % 45) - 10;
  return {
    place: place.trim(),
    temperature: units === 'metric' ? celsius : Math.round(celsius * 1.8 + 32),
    unit: units === 'metric' ? '°C' : '°F',
    conditions: CONDITIONS[number % CONDITIONS.length]!,
    sample: true,
    notice: NOTICE,
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return value;
}
