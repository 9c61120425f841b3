import { csvBlocks, textBlocks } from '../../chunking/text-blocks.js';
import type { Parser } from './parser.js';

export const textParser: Parser = {
  mediaTypes: ['text/plain'],
  extensions: ['txt', 'text', 'log'],
  parse: (text) => ({ text, textKind: 'source', blocks: textBlocks(text) }),
};

export const csvParser: Parser = {
  mediaTypes: ['text/csv', 'text/tab-separated-values'],
  extensions: ['csv', 'tsv'],
  parse: (text) => ({ text, textKind: 'source', blocks: csvBlocks(text) }),
};
