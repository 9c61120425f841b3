import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ValidationError } from '@guildhall/sdk';
import { type ParsedDocument, type ReadAs, parseDocument } from './parse-document.js';
import type { ParseAnswer } from './parse.process.js';
import { Unparsable } from './parsers/unparsable.js';

/** Up to here a process would take longer to start than the slowest document takes to read. */
const INLINE_BYTES = 32 * 1024;
const TIME_LIMIT_MS = 60_000;
const MIB = 1024 * 1024;
const MOST_MEMORY = 512 * MIB;
/** Enough for any honest document of a few MiB, whatever else is in memory. */
const LEAST_MEMORY = 64 * MIB;
/** As this file is: compiled, or the source itself. */
const READER = fileURLToPath(new URL(`./parse.process${extname(import.meta.url)}`, import.meta.url));

export interface ParseTerms {
  readonly signal: AbortSignal;
  /** Bytes that this process may still take. The reader gets half of them: what it reads comes back as a copy. */
  readonly memoryLeft: number;
}

/**
 * Reads a document without holding the event loop: all but a small one in a process of its own, which ends with it, with
 * the signal, or at its limits of time and memory. A thread will not do: V8 ends the whole process where one of its
 * threads finds no memory. Throws `document_unparsable`.
 */
export async function parseApart(bytes: Uint8Array, readAs: ReadAs, terms: ParseTerms): Promise<ParsedDocument> {
  terms.signal.throwIfAborted();
  if (bytes.length > INLINE_BYTES) return parseInProcess(bytes, readAs, terms);
  await setImmediate();
  try {
    return parseDocument(bytes, readAs);
  } catch (error) {
    throw error instanceof Unparsable ? unparsable(error.message, error) : error;
  }
}

async function parseInProcess(bytes: Uint8Array, readAs: ReadAs, terms: ParseTerms): Promise<ParsedDocument> {
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const reader = startReader(readAs, terms.memoryLeft);
  try {
    const answer = await answerOf(reader, bytes, AbortSignal.any([terms.signal, limit]));
    if (!answer) throw unparsable('It took too much memory to read: split it');
    if ('parsed' in answer) return answer.parsed;
    if ('unparsable' in answer) throw unparsable(answer.unparsable);
    throw new Error(`A document could not be read: ${answer.failed}`);
  } catch (error) {
    terms.signal.throwIfAborted();
    if (limit.aborted) throw unparsable(`It took more than ${TIME_LIMIT_MS / 1000} s to read: split it`, error);
    throw error;
  } finally {
    reader.kill('SIGKILL');
  }
}

/** It knows nothing of this process but how sources are run, and says nothing but its answer. */
function startReader(readAs: ReadAs, memoryLeft: number): ChildProcess {
  const memory = Math.max(LEAST_MEMORY, Math.min(memoryLeft / 2, MOST_MEMORY));
  const options = process.execArgv.filter((option) => !option.startsWith('--inspect'));
  return fork(READER, [JSON.stringify(readAs)], {
    execArgv: [...options, `--max-old-space-size=${Math.floor(memory / MIB)}`],
    env: {},
    serialization: 'advanced',
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
  });
}

/** Undefined where it was ended, by V8 or the kernel, for want of memory. */
async function answerOf(
  reader: ChildProcess,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<ParseAnswer | undefined> {
  // If it ends while it is written to, its end says more.
  reader.stdin!.on('error', () => undefined).end(bytes);
  const answered = once(reader, 'message', { signal }).then(([answer]) => answer as ParseAnswer);
  const ended = once(reader, 'exit', { signal }).then(([code, killedBy]) => {
    if (killedBy === 'SIGABRT' || killedBy === 'SIGKILL') return undefined;
    // Its answer is still on its way.
    if (code === 0) return answered;
    throw new Error(`The process that reads documents ended with ${String(killedBy ?? code)}`);
  });
  return Promise.race([answered, ended]);
}

const unparsable = (reason: string, cause?: unknown): ValidationError =>
  Object.assign(new ValidationError(reason, [], 'document_unparsable'), { cause });
