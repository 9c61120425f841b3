import { extractText } from './html-text.js';
import { parseTree } from './html-tree.js';
import type { Parser } from './parser.js';
import { Unparsable } from './unparsable.js';

/** A tree takes some twenty times its source. */
const MAX_LENGTH = 10 * 1024 * 1024;

export const htmlParser: Parser = {
  mediaTypes: ['text/html', 'application/xhtml+xml'],
  extensions: ['html', 'htm', 'xhtml'],
  declaredCharset(bytes) {
    const head = Buffer.from(bytes.subarray(0, 2048)).toString('latin1');
    return (XML.exec(head) ?? META.exec(head))?.[1];
  },
  parse(source) {
    if (source.length > MAX_LENGTH) throw new Unparsable('HTML documents may have 10 MiB: split it, or send its text');
    return { ...extractText(parseTree(source)), textKind: 'extracted' };
  },
};

const XML = /^\s{0,20}<\?xml[^>]{0,200}?\sencoding\s{0,5}=\s{0,5}["']([\w.:-]{1,40})/;
const META = /<meta[^>]{0,200}?charset\s{0,5}=\s{0,5}["']?([\w.:-]{1,40})/i;
