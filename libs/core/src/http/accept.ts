const WEIGHT = /^q\s*=\s*(\d(?:\.\d*)?)$/i;

/** Whether an `Accept` header names exactly this media type, and not to refuse it. */
export function accepts(header: string, mediaType: string): boolean {
  return weightOf(header, mediaType) > 0;
}

/** Whether it names `mediaType` and likes it no less than `other`, where it names both. */
export function prefers(header: string, mediaType: string, other: string): boolean {
  const weight = weightOf(header, mediaType);
  return weight > 0 && weight >= weightOf(header, other);
}

/** By RFC 9110 from 0, which means: anything but this, to 1, which need not be said. 0 for a type that is not named. */
function weightOf(header: string, mediaType: string): number {
  const weights = header.split(',').flatMap((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    if (type!.toLowerCase() !== mediaType) return [];
    return [Number(parameters.map((parameter) => WEIGHT.exec(parameter)?.[1]).find((q) => q !== undefined) ?? 1)];
  });
  return Math.max(0, ...weights);
}
