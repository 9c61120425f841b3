import { lineBlocks } from '../../chunking/text-blocks.js';
import { jsonText } from './json-text.js';
import type { Parser } from './parser.js';
import { Unparsable } from './unparsable.js';

export const jsonParser: Parser = {
  mediaTypes: ['application/json'],
  extensions: ['json', 'geojson', 'jsonld'],
  parse(source) {
    try {
      JSON.parse(source);
    } catch (cause) {
      throw new Unparsable('The document is not valid JSON', { cause });
    }
    const text = jsonText(source);
    return { text, textKind: 'extracted', blocks: lineBlocks(text) };
  },
};
