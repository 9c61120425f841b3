const LONGEST = 8_000;

/** As long as a log line can bear: what a caller sent may have a megabyte. */
export function shorten(text: string, longest = LONGEST): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest)}… (${text.length - longest} more)`;
}

/** Without what moves a terminal's cursor or colours it; `breaks`: line breaks and tabs may stay. */
export function escapeControls(text: string, { breaks = false } = {}): string {
  return text.replace(breaks ? /(?![\n\t])\p{Cc}/gu : /\p{Cc}/gu, escaped);
}

const escaped = (found: string): string => `\\u${found.codePointAt(0)!.toString(16).padStart(4, '0')}`;
