/** `[1]`, `[1, 3]`, `[1][3]`. A bracket ends the search that the one before it began: linear for every text. */
const MARKER = /\[([\d,\s]+)\]/g;
const NUMBER = /^\d{1,3}$/;
const IN_MARKER = /[\d,\s]/;

/** Numbers in square brackets, by which a text cites its sources. */
export interface Marker {
  readonly at: number;
  readonly numbers: readonly number[];
}

export function* markersIn(text: string): Generator<Marker> {
  for (const { index: at, 1: inner = '' } of text.matchAll(MARKER)) {
    const numbers = inner.split(',').map((number) => number.trim());
    if (numbers.every((number) => NUMBER.test(number))) yield { at, numbers: numbers.map(Number) };
  }
}

/** The text up to the markers that it ends with: those that stand together back one claim. */
export function withoutMarkersAtEnd(text: string): string {
  for (let end = text.length; ;) {
    const rest = text.slice(0, end).trimEnd();
    if (!rest.endsWith(']')) return rest;
    let open = rest.length - 2;
    while (open >= 0 && IN_MARKER.test(rest[open]!)) open--;
    if (rest[open] !== '[') return rest;
    end = open;
  }
}
