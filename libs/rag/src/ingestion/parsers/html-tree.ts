import { type DefaultTreeAdapterTypes as Tree, Parser as HtmlTreeParser, defaultTreeAdapter } from 'parse5';
import { Unparsable } from './unparsable.js';

/** The tree builder searches its open elements for most tags; browsers stop nesting at 512. */
const MAX_DEPTH = 512;

/**
 * parse5's tree of a page. Refuses depths that no page has, whose cost grows with their square, and pages that grow:
 * formatting left open is built anew in every paragraph, so a few kilobytes of tags could fill any memory.
 */
export function parseTree(source: string): Tree.Document {
  // `<b>` is the shortest tag; what HTML adds by itself (head, body, tbody) is at most as much again.
  const maxElements = 1000 + source.length / 2;
  const depths = new WeakMap<object, number>();
  let elements = 0;
  const place = (parent: object, node: object): void => {
    const depth = (depths.get(parent) ?? 0) + 1;
    if (depth > MAX_DEPTH) throw new Unparsable(`The HTML is nested deeper than ${MAX_DEPTH} elements`);
    depths.set(node, depth);
  };
  const treeAdapter: typeof defaultTreeAdapter = {
    ...defaultTreeAdapter,
    createElement(tagName, namespace, attributes) {
      if (++elements > maxElements) throw new Unparsable('The HTML opens elements without end: close its tags');
      return defaultTreeAdapter.createElement(tagName, namespace, attributes);
    },
    appendChild(parent, node) {
      place(parent, node);
      defaultTreeAdapter.appendChild(parent, node);
    },
    insertBefore(parent, node, reference) {
      place(parent, node);
      defaultTreeAdapter.insertBefore(parent, node, reference);
    },
  };
  return HtmlTreeParser.parse(source, { treeAdapter });
}
