import fc from 'fast-check';
import { countTokens } from './count-tokens.js';
import { markdownBlocks } from './markdown-blocks.js';
import { packChunks } from './pack-chunks.js';
import { lineBlocks, textBlocks } from './text-blocks.js';

const chunk = (text: string, size?: { target: number; max: number }) =>
  [...packChunks(text, markdownBlocks(text), size)].map((span) => ({
    ...span,
    text: text.slice(span.charStart, span.charEnd),
  }));

describe('packChunks', () => {
  it('begins a chunk at every heading and names the path to it', () => {
    const text = '# Handbook\n\nHello.\n\n## Returns\n\nThirty days.\n\n# Other\n\nText.';
    expect(chunk(text).map(({ text, headingPath }) => [text, headingPath])).toEqual([
      ['# Handbook\n\nHello.', ['Handbook']],
      ['## Returns\n\nThirty days.', ['Handbook', 'Returns']],
      ['# Other\n\nText.', ['Other']],
    ]);
  });

  it('keeps a heading with what follows it', () => {
    expect(chunk('# A\n\n## B\n\nText of b.').map(({ text }) => text)).toEqual(['# A\n\n## B\n\nText of b.']);
  });

  it('repeats one sentence at the beginning of the next chunk of a section', () => {
    const sentence = (n: number) => `Sentence number ${n} has some eight words here.`;
    const text = Array.from({ length: 12 }, (_, n) => sentence(n)).join(' ');
    const chunks = chunk(text, { target: 40, max: 60 });
    expect(chunks.length).toBeGreaterThan(2);
    for (const [i, { charStart }] of chunks.slice(1).entries()) {
      expect(charStart).toBeLessThan(chunks[i]!.charEnd);
      expect(text.slice(charStart, chunks[i]!.charEnd).match(/Sentence/g)).toHaveLength(1);
    }
  });

  it('does not cut code and tables that fit, and cuts others between lines', () => {
    const code = (lines: number) => '```\n' + 'call(one, two);\n'.repeat(lines) + '```';
    const text = `${'Some words of prose. '.repeat(8)}\n\n${code(6)}\n\n${code(40)}`;
    const chunks = chunk(text, { target: 60, max: 80 });
    expect(chunks.some(({ text }) => text.includes(code(6)))).toBe(true);
    for (const { text } of chunks) expect(text.replace(/\s+/g, ' ')).not.toMatch(/call\($|^one|two\)$/);
  });

  it('makes no chunk of white space', () => {
    expect(chunk(' \n\n\t\n')).toEqual([]);
  });

  const words = fc.array(
    fc.oneof(
      fc.lorem({ maxCount: 30 }),
      fc.constantFrom(
        '# H',
        '\n\n',
        '\n',
        '```',
        '| a | b |\n|--|--|',
        '日本語のテキスト。',
        'x'.repeat(400),
        '🙂🙂',
        '.',
        ' ',
      ),
    ),
    { maxLength: 60 },
  );

  it.each(['markdown', 'text', 'lines'] as const)('loses nothing, keeps its limits and goes forward (%s)', (kind) => {
    const blocksOf = { markdown: markdownBlocks, text: textBlocks, lines: lineBlocks }[kind];
    fc.assert(
      fc.property(words, fc.integer({ min: 5, max: 60 }), (parts, max) => {
        const text = parts.join(' ');
        const covered = new Uint8Array(text.length);
        let before = { charStart: -1, charEnd: -1 };
        for (const span of packChunks(text, blocksOf(text), { target: Math.ceil(max * 0.7), max })) {
          expect(span.charStart).toBeGreaterThan(before.charStart);
          expect(span.charEnd).toBeGreaterThan(before.charEnd);
          expect(countTokens(text, span.charStart, span.charEnd)).toBeLessThanOrEqual(max);
          expect(text.slice(span.charStart, span.charEnd).isWellFormed()).toBe(true);
          covered.fill(1, span.charStart, span.charEnd);
          before = span;
        }
        for (let i = 0; i < text.length; i++) if (!covered[i]) expect(text[i]).toMatch(/\s/);
      }),
    );
  });

  it('cuts one endless word in linear time', () => {
    const started = performance.now();
    const text = 'x'.repeat(1_000_000);
    expect([...packChunks(text, lineBlocks(text))].length).toBeGreaterThan(300);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
