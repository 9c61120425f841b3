import fc from 'fast-check';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { markdownBlocks } from './markdown-blocks.js';

interface Node {
  readonly type: string;
  readonly depth?: number;
  readonly position?: { readonly end: { readonly offset?: number } };
  readonly children?: readonly Node[];
}

/** Those in list items too. */
const headingsOf = (node: Node): readonly Node[] =>
  node.type === 'heading' ? [node] : (node.children ?? []).flatMap(headingsOf);

const blocks = (text: string) => [...markdownBlocks(text)];
const shown = (text: string) => blocks(text).map(({ kind, start, end }) => [kind, text.slice(start, end)]);

describe('markdownBlocks', () => {
  it('tells headings, paragraphs, list items, code and tables apart', () => {
    const text = [
      '# Title',
      '',
      'A paragraph',
      'of two lines.',
      '- first',
      '- second',
      '',
      '```js',
      '# no heading',
      '',
      'let x;',
      '```',
      '| a | b |',
      '|---|:-:|',
      '| 1 | 2 |',
    ].join('\n');
    expect(shown(text)).toEqual([
      ['heading', '# Title'],
      ['paragraph', 'A paragraph\nof two lines.'],
      ['paragraph', '- first'],
      ['paragraph', '- second'],
      ['code', '```js\n# no heading\n\nlet x;\n```'],
      ['table', '| a | b |\n|---|:-:|\n| 1 | 2 |'],
    ]);
  });

  it('reads the words of a heading without its markup', () => {
    const titles = blocks('## The **bold** `way` to [home](http://x) ##\n\nsnake_case name\n---\n\nBig\n===\n');
    expect(titles.map(({ level, title }) => [level, title])).toEqual([
      [2, 'The bold way to home'],
      [2, 'snake_case name'],
      [1, 'Big'],
    ]);
  });

  it('leaves a paragraph before a table out of the table', () => {
    expect(shown('Prices:\nname | price\n-----|------\nx | 1')).toEqual([
      ['paragraph', 'Prices:'],
      ['table', 'name | price\n-----|------\nx | 1'],
    ]);
  });

  it('takes front matter and indented code as code, and an indented line of a list item as prose', () => {
    expect(
      shown('---\ntitle: x\n---\n\nText\n\n    code()\n    more()\n\n- item\n\n    still the item').map(
        ([kind]) => kind,
      ),
    ).toEqual(['code', 'paragraph', 'code', 'paragraph', 'paragraph']);
  });

  it('ends an unclosed fence with the text, and knows no heading without a space', () => {
    expect(shown('~~~\nrest\n# of it')).toEqual([['code', '~~~\nrest\n# of it']]);
    expect(shown('#hashtag')).toEqual([['paragraph', '#hashtag']]);
  });

  const line = fc.constantFrom(
    '# One',
    '## Two ##',
    'plain words',
    '',
    '',
    '- item',
    '1. first',
    '```',
    '> quote',
    'Three',
    '***',
    '===',
    '#tag',
    '   ### Four',
  );

  it('finds the headings that remark finds', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const text = lines.join('\n');
        const expected = headingsOf(unified().use(remarkParse).parse(text)).map((node) => [
          node.depth,
          node.position!.end.offset,
        ]);
        const found = blocks(text).filter(({ kind }) => kind === 'heading');
        expect(found.map(({ level, end }) => [level, end])).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('covers every character that is not white space, in order and once', () => {
    const noisy = fc.array(
      fc.oneof(line, fc.string({ unit: 'grapheme' }), fc.constantFrom('| a | b |', '|--|--|', '    x', '\r')),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(noisy, fc.constantFrom('\n', '\r\n'), (lines, newline) => {
        const text = lines.join(newline);
        let rest = '';
        let at = 0;
        for (const { start, end } of blocks(text)) {
          expect(start).toBeGreaterThanOrEqual(at);
          rest += text.slice(at, start);
          at = end;
        }
        expect((rest + text.slice(at)).trim()).toBe('');
      }),
    );
  });

  it('reads hostile input in linear time', () => {
    for (const text of [
      '>'.repeat(500_000),
      '['.repeat(500_000),
      `${' '.repeat(500_000)}a`,
      '- '.repeat(250_000),
      `# ${'#'.repeat(500_000)}`,
      `|${'-|'.repeat(250_000)}`,
    ]) {
      const started = performance.now();
      blocks(text);
      expect(performance.now() - started).toBeLessThan(1000);
    }
  });
});
