import { zoneOfPlace } from './place-zones.js';
import { findTimeZone } from './time-zone.js';

describe('zoneOfPlace', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['UTC', 'UTC'],
    ['Kolkata', 'Asia/Kolkata'],
    ['Calcutta', 'Asia/Kolkata'],
    ['Kyiv', 'Europe/Kyiv'],
    ['Kiev', 'Europe/Kyiv'],
    ['Ho Chi Minh', 'Asia/Ho_Chi_Minh'],
    ['São Paulo', 'America/Sao_Paulo'],
    ['Zürich', 'Europe/Zurich'],
    ['new york', 'America/New_York'],
    ['Japan', 'Asia/Tokyo'],
    ['India', 'Asia/Kolkata'],
    ['Deutschland', 'Europe/Berlin'],
    ['the UK', 'Europe/London'],
    ['Mumbai', 'Asia/Kolkata'],
    ['San Francisco', 'America/Los_Angeles'],
    ['Washington', 'America/New_York'],
    ['Munich', 'Europe/Berlin'],
    ['Portland, Maine', 'America/New_York'],
    ['Paris, France', 'Europe/Paris'],
  ])('%s: %s', (place, zone) => {
    expect(zoneOfPlace(place)).toBe(zone);
  });

  it.each(['Atlantis', 'Gondor', 'the contract', 'the United States', 'Australia', '', '?'])(
    '%j: not known',
    (place) => {
      expect(zoneOfPlace(place)).toBeUndefined();
    },
  );

  it('knows every zone that Intl lists, each by an id that Intl takes', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const found = zoneOfPlace(zone)!;
      expect(new Intl.DateTimeFormat('en', { timeZone: found }).resolvedOptions().timeZone).toBe(zone);
    }
  });
});

describe('findTimeZone', () => {
  it.each([
    ['a table in New York tonight', 'America/New_York'],
    ['at nine, Asia/Tokyo', 'Asia/Tokyo'],
    ['lunch in Mumbai', 'Asia/Kolkata'],
    ['weather in berlin?', 'Europe/Berlin'],
    ['it comes in nice boxes', undefined],
    ['Tell Davis to book', undefined],
  ])('%s: %s', (text, zone) => {
    expect(findTimeZone(text)).toBe(zone);
  });
});
