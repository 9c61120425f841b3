import { zoneOfPlace } from './place-zones.js';

const ZONE_ID = /\b[A-Z][A-Za-z]+(?:\/[A-Z][\w+-]*)+|\b(?:UTC|GMT)\b/g;
/** Up to four words behind a preposition; a place that is written small counts only where it is a zone's own city. */
const PLACE = /\b(?:in|from|near|to|at)\s+((?:[\p{L}.'’-]+,?\s*){1,4})/giu;

/** The IANA time zone that a text names, by its id or by a place: "a table in New York tonight" → "America/New_York". */
export function findTimeZone(text: string): string | undefined {
  for (const [id] of text.matchAll(ZONE_ID)) {
    const zone = zoneOfPlace(id);
    if (zone) return zone;
  }
  for (const match of text.matchAll(PLACE)) {
    const words = match[1]!.trim().split(/\s+/);
    for (let count = words.length; count > 0; count--) {
      const place = words.slice(0, count).join(' ');
      const zone = /^\p{Lu}/u.test(place) || count === words.length ? zoneOfPlace(place) : undefined;
      if (zone) return zone;
    }
  }
  return undefined;
}
