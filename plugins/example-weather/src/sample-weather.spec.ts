import { sampleWeather } from './sample-weather.js';

describe('sampleWeather', () => {
  it('gives one place the same weather however it is written, and says that it is a sample', () => {
    const report = sampleWeather('Lisbon', 'metric');
    expect(sampleWeather(' lisbon ', 'metric')).toEqual({ ...report, place: 'lisbon' });
    expect(report).toMatchObject({ place: 'Lisbon', unit: '°C', sample: true });
    expect(report.notice).toMatch(/not a measurement/);
  });

  it('converts to the units asked for', () => {
    const { temperature } = sampleWeather('Oslo', 'metric');
    expect(sampleWeather('Oslo', 'imperial')).toMatchObject({
      unit: '°F',
      temperature: Math.round(temperature * 1.8 + 32),
    });
  });
});
