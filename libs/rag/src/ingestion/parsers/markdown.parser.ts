import { markdownBlocks } from '../../chunking/markdown-blocks.js';
import { frontMatter } from './front-matter.js';
import { visibleMarkdown } from './visible-markdown.js';
import type { Parser } from './parser.js';

export const markdownParser: Parser = {
  mediaTypes: ['text/markdown', 'text/x-markdown'],
  extensions: ['md', 'markdown'],
  parse(source) {
    const { metadata, end, warnings } = frontMatter(source);
    const text = visibleMarkdown(source.slice(end));
    const textKind = text.length === source.length ? 'source' : 'extracted';
    return { text, textKind, blocks: markdownBlocks(text), metadata, warnings };
  },
};
