import type { Parser } from './parser.js';
import { htmlParser } from './html.parser.js';
import { parserFor } from './registry.js';
import { csvParser, jsonParser, markdownParser, textParser } from './text.parsers.js';

const { signal } = new AbortController();
const parse = (parser: Parser, content: string | Buffer, charset?: string) =>
  parser.parse(Buffer.from(content as string), { charset, signal });

describe('parsers of text', () => {
  it.each([markdownParser, textParser, csvParser])('keep the source as it is ($mediaTypes.0)', async (parser) => {
    const source = '# A\r\n\r\n“é” 🙂,1\r\n';
    expect((await parse(parser, source)).text).toBe(source);
  });

  it('decode UTF-16 by its mark, a declared charset, and what is no UTF-8', async () => {
    expect((await parse(textParser, Buffer.from('\ufeffhé', 'utf16le'))).text).toBe('hé');
    expect((await parse(textParser, Buffer.from([0xe9]), 'iso-8859-1')).text).toBe('é');
    expect((await parse(textParser, Buffer.from([0x93, 0x68, 0x94]))).text).toBe('“h”');
  });

  it('refuse binary, unknown charsets and broken JSON, and say why', async () => {
    await expect(parse(textParser, 'a\0b')).rejects.toMatchObject({ code: 'document_unparsable' });
    await expect(parse(textParser, 'a', 'klingon-8')).rejects.toThrow("'klingon-8' is unknown");
    await expect(parse(jsonParser, '{"a":')).rejects.toThrow('not valid JSON');
    expect((await parse(jsonParser, '{"a": [1]}')).text).toBe('{"a": [1]}');
  });

  it('are found by media type', () => {
    expect(parserFor('text/html')).toBe(htmlParser);
    expect(parserFor('application/pdf')).toBeUndefined();
  });
});

describe('the HTML parser', () => {
  const read = async (html: string) => {
    const { text, blocks } = await parse(htmlParser, html);
    return [...blocks()].map(({ kind, start, end, level }) => [
      kind,
      text.slice(start, end),
      ...(level ? [level] : []),
    ]);
  };

  it('shows what a reader sees: headings, paragraphs, tables and code, no scripts or styles', async () => {
    const html = `<html><head><title>T</title><style>p{}</style></head><body><script>x()</script>
      <h1>Big <em>title</em></h1><p>First   line<br>second <b>bold</b>.</p><ul><li>one</li><li>two</li></ul>
      <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><pre>  let x;\n  y</pre>tail</body></html>`;
    expect(await read(html)).toEqual([
      ['heading', 'Big title', 1],
      ['paragraph', 'First line\nsecond bold.'],
      ['paragraph', 'one'],
      ['paragraph', 'two'],
      ['table', 'a | b\n1 | 2'],
      ['code', '  let x;\n  y'],
      ['paragraph', 'tail'],
    ]);
  });

  it('decodes entities and the charset its head declares', async () => {
    const { text } = await parse(
      htmlParser,
      Buffer.from('<meta charset="iso-8859-1"><p>\xe9 &amp; &#8364;</p>', 'latin1'),
    );
    expect(text).toBe('é & €');
  });

  it('refuses depths that no page has, soon', async () => {
    const started = performance.now();
    await expect(parse(htmlParser, '<div>'.repeat(200_000))).rejects.toThrow('nested deeper');
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('refuses pages beyond its size', async () => {
    await expect(parse(htmlParser, ' '.repeat(10 * 1024 * 1024 + 1))).rejects.toThrow('10 MiB');
  });

  it('stops between slices when it is told to', async () => {
    const aborted = AbortSignal.abort();
    await expect(htmlParser.parse(Buffer.from('<p>x'), { signal: aborted })).rejects.toThrow();
  });
});
