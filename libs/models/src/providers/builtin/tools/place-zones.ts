import { createRequire } from 'node:module';
import type { cityMapping } from 'city-timezones';

/** Not in TypeScript's library yet. */
type RegionLocale = Intl.Locale & { getTimeZones(): string[] | undefined };
type CityData = (typeof cityMapping)[number];

/** Zones that were renamed and that `Intl` still lists by their old names. */
const RENAMED: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Godthab': 'America/Nuuk',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};
/** What people call countries, beside their names. */
const COUNTRIES: Readonly<Record<string, string>> = {
  uk: 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  britain: 'GB',
  'great britain': 'GB',
  holland: 'NL',
  uae: 'AE',
  'czech republic': 'CZ',
  turkey: 'TR',
};
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl'];

let zones: ReadonlyMap<string, string> | undefined;
let cities: ReadonlyMap<string, readonly CityData[]> | undefined;

/**
 * The IANA time zone of a place: a zone's id, its city (also by an old name), a country all of whose clocks agree, or a
 * larger city, which a country or state behind a comma tells from others of its name.
 */
export function zoneOfPlace(place: string): string | undefined {
  const key = plain(place).replace(/^the /, '');
  if (key === '') return undefined;
  zones ??= zonesByName();
  return zones.get(key) ?? zoneOfCity(place);
}

function zonesByName(): Map<string, string> {
  const found = new Map<string, string>();
  const regions = regionZones();
  for (const language of LANGUAGES) {
    const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
    for (const [region, zone] of regions) found.set(plain(names.of(region) ?? region), zone);
  }
  for (const [name, region] of Object.entries(COUNTRIES)) found.set(name, regions.get(region)!);
  for (const listed of Intl.supportedValuesOf('timeZone')) {
    const zone = RENAMED[listed] ?? listed;
    for (const id of [listed, zone]) found.set(plain(id), zone).set(plain(id.split('/').at(-1)!), zone);
  }
  return found.set('utc', 'UTC').set('gmt', 'UTC').set('greenwich', 'UTC');
}

/** Countries, by their two letters, all of whose clocks agree. */
function regionZones(): Map<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  const found = new Map<string, string>();
  for (const region of letters.flatMap((one) => letters.map((two) => one + two))) {
    const zone = names.of(region) && zoneOfRegion(region);
    if (zone) found.set(region, zone);
  }
  return found;
}

/** A country's zone where all its clocks show the same, in winter and in summer. */
function zoneOfRegion(region: string): string | undefined {
  const [first, ...others] = (new Intl.Locale('und', { region }) as RegionLocale).getTimeZones() ?? [];
  if (!first) return undefined;
  const offsets = offsetsOf(first);
  return others.every((zone) => offsetsOf(zone) === offsets) ? (RENAMED[first] ?? first) : undefined;
}

function offsetsOf(timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const year = new Date().getUTCFullYear();
  return [0, 6].map((month) => format.format(Date.UTC(year, month, 1))).join();
}

/** Some thousands of cities: read when first asked for a place that gives no zone its name. */
function citiesByName(): Map<string, CityData[]> {
  const found = new Map<string, CityData[]>();
  const { cityMapping } = createRequire(import.meta.url)('city-timezones') as { cityMapping: CityData[] };
  for (const one of cityMapping) {
    if (!one.timezone) continue;
    for (const name of new Set([plain(one.city), plain(one.city.split(',')[0]!), plain(one.city_ascii)])) {
      const known = found.get(name);
      if (known) known.push(one);
      else found.set(name, [one]);
    }
  }
  return found;
}

/** The largest city of the name, in the country or state that is named behind a comma. */
function zoneOfCity(place: string): string | undefined {
  cities ??= citiesByName();
  const [name, ...within] = place.split(',').map(plain);
  const named = [...(cities.get(plain(place)) ?? []), ...(cities.get(name!) ?? [])].toSorted((a, b) => b.pop - a.pop);
  // Some of these are numbers, whatever the types say.
  const lies = (one: CityData, area: string) =>
    [one.country, one.iso2, one.iso3, one.province, one.state_ansi].some((wide) => plain(String(wide)) === area);
  return named.find((one) => within.every((area) => plain(one.city).endsWith(area) || lies(one, area)))?.timezone;
}

const plain = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
