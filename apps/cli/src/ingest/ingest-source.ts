import { constants, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MAX_UPLOAD_BYTES } from '@guildhall/core';
import { AppError, type ErrorCategory } from '@guildhall/sdk';
import { patiently } from '../server/patiently.js';
import type { Server, ServerRequest } from '../server/server.js';
import type { Source } from './sources.js';

export interface Outcome {
  readonly source: Source;
  readonly status: 'ready' | 'known' | 'failed';
  /** How many chunks, or why it failed. */
  readonly note: string;
}

interface Document {
  readonly id: string;
  readonly status: 'queued' | 'processing' | 'ready' | 'failed';
  readonly chunkCount?: number;
  readonly error?: { readonly message: string };
}

const POLL_MS = 1000;
/** What would meet every other document too. */
const FATAL: ReadonlySet<ErrorCategory> = new Set(['authentication', 'authorization', 'rate_limit', 'unavailable']);

/** Sends one document and waits until it is ready. Throws what is not this document's fault. */
export async function ingestSource(
  server: Server,
  collectionId: string,
  source: Source,
  signal: AbortSignal,
): Promise<Outcome> {
  const documents = `/collections/${collectionId}/documents`;
  try {
    const request = await requestOf(source);
    const sent = await patiently(signal, () => server.call<Document>(documents, { ...request, signal }));
    let document = sent.data;
    while (document.status === 'queued' || document.status === 'processing') {
      await pause(POLL_MS, undefined, { signal });
      document = (await patiently(signal, () => server.call<Document>(`${documents}/${document.id}`, { signal }))).data;
    }
    if (document.status === 'failed') return { source, status: 'failed', note: document.error?.message ?? 'no reason' };
    const { chunkCount = 0 } = document;
    const note = `${chunkCount} ${chunkCount === 1 ? 'chunk' : 'chunks'}`;
    return { source, status: sent.status === 200 ? 'known' : 'ready', note };
  } catch (error) {
    if (signal.aborted || !AppError.is(error) || FATAL.has(error.category)) throw error;
    return { source, status: 'failed', note: error.message };
  }
}

async function requestOf({ kind, place, title }: Source): Promise<ServerRequest> {
  const headers = { prefer: 'wait=30' };
  if (kind === 'url') return { method: 'POST', headers, body: { title, url: place } };
  const blob = await open(place);
  if (blob.size > MAX_UPLOAD_BYTES) {
    const most = `${MAX_UPLOAD_BYTES / 1024 / 1024} MiB`;
    throw new AppError('validation', 'payload_too_large', `has more than the ${most} that the server takes`);
  }
  const body = new FormData();
  body.append('title', title);
  body.append('file', blob, basename(place));
  return { method: 'POST', headers, body };
}

async function open(file: string): Promise<Blob> {
  try {
    await access(file, constants.R_OK);
    return await openAsBlob(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new AppError('validation', 'unreadable_file', `cannot be read (${code ?? message})`, { cause: error });
  }
}
