import { parentPort, workerData } from 'node:worker_threads';
import { type ParsedDocument, type ReadAs, parseDocument } from './parse-document.js';
import { Unparsable } from './parsers/unparsable.js';

/** What the thread is given, and what it answers with. */
export interface ParseOrder {
  readonly bytes: Uint8Array;
  readonly readAs: ReadAs;
}
export type ParseAnswer = { readonly parsed: ParsedDocument } | { readonly unparsable: string };

parentPort!.postMessage(answer(workerData as ParseOrder), []);

function answer({ bytes, readAs }: ParseOrder): ParseAnswer {
  try {
    return { parsed: parseDocument(bytes, readAs) };
  } catch (error) {
    if (error instanceof Unparsable) return { unparsable: error.message };
    throw error;
  }
}
