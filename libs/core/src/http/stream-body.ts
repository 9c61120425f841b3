import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';

/** Whether a handler's result is sent piece by piece. */
export function isStream(value: unknown): boolean {
  return value instanceof Response || value instanceof StreamableFile || value instanceof Readable;
}

/** Lets go of a stream that will not be sent. */
export function discard(stream: unknown): void {
  if (stream instanceof Response) void stream.body?.cancel();
  else if (stream instanceof StreamableFile) stream.getStream().destroy();
  else if (stream instanceof Readable) stream.destroy();
}
