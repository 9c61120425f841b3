import { buffer } from 'node:stream/consumers';
import { type ParsedDocument, type ReadAs, parseDocument } from './parse-document.js';
import { Unparsable } from './parsers/unparsable.js';

/** What the process answers with. */
export type ParseAnswer =
  { readonly parsed: ParsedDocument } | { readonly unparsable: string } | { readonly failed: string };

const readAs = JSON.parse(process.argv[2]!) as ReadAs;
process.send!(answer(await buffer(process.stdin)), () => process.disconnect());

function answer(bytes: Uint8Array): ParseAnswer {
  try {
    return { parsed: parseDocument(bytes, readAs) };
  } catch (error) {
    if (error instanceof Unparsable) return { unparsable: error.message };
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
