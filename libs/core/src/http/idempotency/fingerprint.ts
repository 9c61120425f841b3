import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../canonical-json.js';
import { FormDigest } from './form-digest.js';

const FORM_BOUNDARY = /^multipart\/form-data\b.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i;

/** What makes two requests the same: method, path, query, and the value of the body, whichever way it is written. */
export interface Fingerprint {
  /** All that is known before a form is read. */
  readonly early: string;
  /** A form's bytes are among it: it waits for what is left of them. */
  whole(signal: AbortSignal): Promise<string>;
}

/** Call it before anybody reads a form: its bytes are noted while its handler reads them. */
export function fingerprintOf({ method, raw, body, headers }: FastifyRequest): Fingerprint {
  const head = `${method} ${raw.url}\n`;
  const boundary = FORM_BOUNDARY.exec(headers['content-type'] ?? '')
    ?.slice(1)
    .find(Boolean);
  if (boundary === undefined) {
    const all = sha256(head + (body === undefined ? '' : canonicalJson(body)));
    return { early: all, whole: () => Promise.resolve(all) };
  }
  const digest = digestOf(raw, boundary);
  return { early: sha256(`${head}form`), whole: async (signal) => sha256(head + (await digest(signal))) };
}

function digestOf(raw: IncomingMessage, boundary: string): (signal: AbortSignal) => Promise<string> {
  const digest = new FormDigest(Buffer.from(boundary));
  // Paused, it waits for its reader, though somebody listens.
  raw.pause();
  raw.on('data', (piece: Buffer) => digest.update(piece));
  let whole: string | undefined;
  return async (signal) => {
    if (whole === undefined && !raw.readableEnded) {
      raw.resume();
      await finished(raw, { signal });
    }
    return (whole ??= digest.digest());
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
