import { htmlParser } from './html.parser.js';
import { jsonParser } from './json.parser.js';
import { markdownParser } from './markdown.parser.js';
import type { Parser } from './parser.js';
import { csvParser, textParser } from './text.parsers.js';

/** Every kind of document that can be read. */
export const PARSERS: readonly Parser[] = [markdownParser, textParser, htmlParser, jsonParser, csvParser];

export const READABLE = 'markdown, plain text, HTML, JSON and CSV';

export const parserFor = (mediaType: string): Parser | undefined =>
  PARSERS.find(({ mediaTypes }) => mediaTypes.includes(mediaType));
