import { markdownBlocks } from '../../chunking/markdown-blocks.js';
import { lineBlocks, textBlocks } from '../../chunking/text-blocks.js';
import { decodeText } from './decode-text.js';
import type { Parser } from './parser.js';
import { unparsable } from './unparsable.js';

/** Above this size JSON is taken as text unchecked: `JSON.parse` would hold the event loop, and its result is not used. */
const CHECKED_JSON_BYTES = 1024 * 1024;

export const markdownParser: Parser = {
  mediaTypes: ['text/markdown', 'text/x-markdown'],
  extensions: ['md', 'markdown'],
  async parse(bytes, { charset }) {
    const text = decodeText(bytes, charset);
    return { text, blocks: () => markdownBlocks(text) };
  },
};

export const textParser: Parser = {
  mediaTypes: ['text/plain'],
  extensions: ['txt', 'text', 'log'],
  async parse(bytes, { charset }) {
    const text = decodeText(bytes, charset);
    return { text, blocks: () => textBlocks(text) };
  },
};

export const csvParser: Parser = {
  mediaTypes: ['text/csv', 'text/tab-separated-values'],
  extensions: ['csv', 'tsv'],
  async parse(bytes, { charset }) {
    const text = decodeText(bytes, charset);
    return { text, blocks: () => lineBlocks(text) };
  },
};

export const jsonParser: Parser = {
  mediaTypes: ['application/json'],
  extensions: ['json'],
  async parse(bytes, { charset }) {
    const text = decodeText(bytes, charset);
    if (bytes.length <= CHECKED_JSON_BYTES) checkJson(text);
    return { text, blocks: () => lineBlocks(text) };
  },
};

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw Object.assign(unparsable('The document is not valid JSON'), { cause });
  }
}
