const MAX_MS = 60_000;
const MAX_BODY = 10_000;

/** A list where the vendor sent it more than once, which says nothing. */
type Header = string | string[] | undefined;

/** How long a vendor wants to be left alone, in ms; undefined where it does not say. At most a minute. */
export function retryAfterMs(
  headers: Readonly<Record<string, Header>> | undefined,
  body: string | undefined,
): number | undefined {
  const ms = fromMilliseconds(headers?.['retry-after-ms']) ?? fromHeader(headers?.['retry-after']) ?? fromBody(body);
  return ms === undefined ? undefined : Math.min(Math.max(Math.round(ms), 0), MAX_MS);
}

/** OpenAI's own header, beside the standard one. */
function fromMilliseconds(value: Header): number | undefined {
  return typeof value === 'string' && isNumber(value) ? Number(value) : undefined;
}

/** The standard one: seconds or a date. */
function fromHeader(value: Header): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = isNumber(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : ms;
}

/** Google says it in the error itself: `"retryDelay": "34.07s"`. */
function fromBody(body: string | undefined): number | undefined {
  const seconds = /"retryDelay":\s*"(\d{1,9}(?:\.\d{1,9})?)s"/.exec(body?.slice(0, MAX_BODY) ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

const isNumber = (text: string): boolean => /^\d{1,15}(?:\.\d{1,9})?$/.test(text.trim());
