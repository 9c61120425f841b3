import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';

/** Whether a handler's result is sent piece by piece. */
export function isStream(value: unknown): boolean {
  return value instanceof Response || value instanceof StreamableFile || value instanceof Readable;
}
