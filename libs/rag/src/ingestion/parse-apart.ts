import { once } from 'node:events';
import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ValidationError } from '@guildhall/sdk';
import { type ParsedDocument, type ReadAs, parseDocument } from './parse-document.js';
import type { ParseAnswer, ParseOrder } from './parse.thread.js';
import { Unparsable } from './parsers/unparsable.js';

/** Up to here a thread would take longer to start than the slowest document takes to read. */
const INLINE_BYTES = 32 * 1024;
const TIME_LIMIT_MS = 60_000;
const MEMORY_LIMIT_MB = 512;
/** As this file is: compiled, or the source itself. */
const THREAD = new URL(`./parse.thread${extname(import.meta.url)}`, import.meta.url);

/**
 * Reads a document without holding the event loop: all but a small one in a thread of its own, which ends with it, with
 * the signal, or at its limits of time and memory. Throws `document_unparsable`.
 */
export async function parseApart(bytes: Uint8Array, readAs: ReadAs, signal: AbortSignal): Promise<ParsedDocument> {
  signal.throwIfAborted();
  if (bytes.length > INLINE_BYTES) return parseInThread({ bytes, readAs }, signal);
  await setImmediate();
  try {
    return parseDocument(bytes, readAs);
  } catch (error) {
    throw error instanceof Unparsable ? unparsable(error.message, error) : error;
  }
}

async function parseInThread(order: ParseOrder, signal: AbortSignal): Promise<ParsedDocument> {
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const thread = new Worker(THREAD, {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT_MB },
  });
  try {
    const [answer] = (await once(thread, 'message', { signal: AbortSignal.any([signal, limit]) })) as [ParseAnswer];
    if ('parsed' in answer) return answer.parsed;
    throw unparsable(answer.unparsable);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw unparsable(`It took more than ${TIME_LIMIT_MS / 1000} s to read: split it`, error);
    if (isOutOfMemory(error)) throw unparsable('It took too much memory to read: split it', error);
    throw error;
  } finally {
    await thread.terminate();
  }
}

const unparsable = (reason: string, cause?: unknown): ValidationError =>
  Object.assign(new ValidationError(reason, [], 'document_unparsable'), { cause });

const isOutOfMemory = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
