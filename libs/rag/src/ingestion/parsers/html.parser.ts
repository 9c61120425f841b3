import { setImmediate } from 'node:timers/promises';
import { type DefaultTreeAdapterMap, Parser as HtmlTreeParser, defaultTreeAdapter } from 'parse5';
import { decodeText } from './decode-text.js';
import { extractText } from './html-text.js';
import type { Parser } from './parser.js';
import { unparsable } from './unparsable.js';

/** A tree takes some twenty times its source. */
const MAX_BYTES = 10 * 1024 * 1024;
const SLICE = 65_536;
/** The tree builder searches its open elements for most tags; browsers stop nesting at 512. */
const MAX_DEPTH = 512;

export const htmlParser: Parser = {
  mediaTypes: ['text/html', 'application/xhtml+xml'],
  extensions: ['html', 'htm', 'xhtml'],
  async parse(bytes, { charset, signal }) {
    if (bytes.length > MAX_BYTES) throw unparsable('HTML documents may have 10 MiB: split it, or send its text');
    const source = decodeText(bytes, charset ?? declaredCharset(bytes));
    const parser = new HtmlTreeParser<DefaultTreeAdapterMap>({ treeAdapter: shallowTree() });
    // In slices, so that other requests are served in between.
    for (let at = 0; at < source.length; at += SLICE) {
      signal.throwIfAborted();
      parser.tokenizer.write(source.slice(at, at + SLICE), at + SLICE >= source.length);
      await setImmediate();
    }
    const { text, blocks } = extractText(parser.document);
    return { text, blocks: () => blocks };
  },
};

const declaredCharset = (bytes: Buffer): string | undefined =>
  /<meta[^>]{0,200}?charset\s{0,5}=\s{0,5}["']?([\w-]{1,40})/i.exec(bytes.toString('latin1', 0, 2048))?.[1];

/** parse5's own tree, refusing depths that no page has: its cost grows with the square of them. */
function shallowTree(): typeof defaultTreeAdapter {
  const depths = new WeakMap<object, number>();
  return {
    ...defaultTreeAdapter,
    appendChild(parent, node) {
      const depth = (depths.get(parent) ?? 0) + 1;
      if (depth > MAX_DEPTH) throw unparsable(`The HTML is nested deeper than ${MAX_DEPTH} elements`);
      depths.set(node, depth);
      defaultTreeAdapter.appendChild(parent, node);
    },
  };
}
