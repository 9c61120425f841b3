import { unparsable } from './unparsable.js';

/** The text in `bytes`: by its byte order mark, else the declared charset, else UTF-8, else Windows-1252. */
export function decodeText(bytes: Buffer, charset?: string): string {
  const text = decode(bytes, charset);
  // Postgres cannot store NUL, and text does not hold it: this is something binary.
  if (text.includes('\0')) throw unparsable('The document holds NUL characters, so it is not text');
  return text;
}

function decode(bytes: Buffer, charset: string | undefined): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (charset && !/^utf-?8$/i.test(charset)) return decoderOf(charset).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function decoderOf(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset);
  } catch (cause) {
    throw Object.assign(unparsable(`The charset '${charset.slice(0, 40)}' is unknown: send UTF-8`), { cause });
  }
}
