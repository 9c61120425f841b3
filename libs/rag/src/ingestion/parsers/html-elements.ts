import type { DefaultTreeAdapterTypes as Tree } from 'parse5';

const SKIPPED = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math', 'iframe', 'object', 'head']);
const INLINE = new Set(
  'a abbr b bdi bdo cite code data del dfn em font i img input ins kbd label mark q s samp small span strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

export const isElement = (node: Tree.Node): node is Tree.Element => 'tagName' in node;

export const isText = (node: Tree.Node): node is Tree.TextNode => node.nodeName === '#text';

export const isInline = ({ tagName }: Tree.Element): boolean => INLINE.has(tagName);

/** What a reader sees of what is in a node. */
export const shownChildren = (node: Tree.Node): readonly Tree.Node[] =>
  'childNodes' in node && !SKIPPED.has(node.nodeName) ? node.childNodes : [];

export const attribute = ({ attrs }: Tree.Element, name: string): string | undefined =>
  attrs.find((each) => each.name === name)?.value;

/** 1 to 6 for a heading. */
export const headingLevel = ({ tagName }: Tree.Element): number | undefined =>
  /^h[1-6]$/.test(tagName) ? Number(tagName[1]) : undefined;
