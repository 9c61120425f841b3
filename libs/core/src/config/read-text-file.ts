import { readFileSync } from 'node:fs';

const ENCODINGS = [
  { mark: [0xff, 0xfe], name: 'utf-16le' },
  { mark: [0xfe, 0xff], name: 'utf-16be' },
] as const;

/** A file's text, whatever its byte order mark says it is written in: PowerShell's `>` writes UTF-16. */
export function readTextFile(path: string): string {
  const bytes = readFileSync(path);
  const marked = ENCODINGS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte));
  // The decoder drops the mark.
  return new TextDecoder(marked?.name ?? 'utf-8').decode(bytes);
}
