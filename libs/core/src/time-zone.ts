/** Whether this is the name of an IANA time zone. An offset such as `+02:00` is none: it does not say when summer begins. */
export function isTimeZone(name: unknown): boolean {
  if (typeof name !== 'string' || !/^[a-z]/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false; // RangeError is how Intl says that it knows no such zone
  }
}
