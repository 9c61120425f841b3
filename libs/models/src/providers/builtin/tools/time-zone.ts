let byCity: ReadonlyMap<string, string> | undefined;

/** The IANA time zone a text names, by its id or by its city: "in New York" → "America/New_York". */
export function findTimeZone(text: string): string | undefined {
  byCity ??= cities();
  const lower = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}/_]+/gu, ' ')} `;
  for (const [city, zone] of byCity) if (lower.includes(` ${city} `)) return zone;
  return undefined;
}

function cities(): Map<string, string> {
  const map = new Map<string, string>([
    ['utc', 'UTC'],
    ['gmt', 'UTC'],
  ]);
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const city = zone.split('/').at(-1)!;
    map.set(zone.toLowerCase(), zone).set(city.replaceAll('_', ' ').toLowerCase(), zone);
  }
  return map;
}
