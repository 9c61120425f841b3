/** By RFC 9110 a weight of 0 means: anything but this. */
const UNWANTED = /^q\s*=\s*0(\.0{0,3})?$/i;

/** Whether an `Accept` header names exactly this media type, and not to refuse it. */
export function accepts(header: string, mediaType: string): boolean {
  return header.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    return type!.toLowerCase() === mediaType && !parameters.some((parameter) => UNWANTED.test(parameter));
  });
}
