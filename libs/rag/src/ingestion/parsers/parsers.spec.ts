import type { Block } from '../../chunking/block.js';
import { htmlParser } from './html.parser.js';
import { jsonParser } from './json.parser.js';
import { markdownParser } from './markdown.parser.js';
import type { Parser } from './parser.js';
import { parserFor } from './registry.js';
import { csvParser, textParser } from './text.parsers.js';

describe('parsers of text', () => {
  it.each([markdownParser, textParser, csvParser])('keep the source as it is ($mediaTypes.0)', (parser: Parser) => {
    const source = '# A\r\n\r\n“é” 🙂,1\r\n';
    expect(parser.parse(source)).toMatchObject({ text: source, textKind: 'source' });
  });

  it('are found by media type', () => {
    expect(parserFor('text/html')).toBe(htmlParser);
    expect(parserFor('application/pdf')).toBeUndefined();
  });
});

describe('the JSON parser', () => {
  const read = (json: string) => jsonParser.parse(json).text;

  it('shows values with their names, without quotes and escapes', () => {
    const json = String.raw`{"city":"M\u00fcnchen","note":"Gate\nA7 opens","open":true,"tags":["a","b\"c"],"at":{"lat":48.10}}`;
    expect(read(json)).toBe(
      'city: München\nnote: Gate\nA7 opens\nopen: true\ntags:\n  - a\n  - b"c\nat:\n  lat: 48.10',
    );
    expect(jsonParser.parse(json).textKind).toBe('extracted');
  });

  it('keeps every digit, and the order and number of equal names', () => {
    expect(read('[{"n":12345678901234567890},{"n":1,"n":2}]')).toBe('-\n  n: 12345678901234567890\n-\n  n: 1\n  n: 2');
  });

  it('puts U+FFFD where something cannot be stored', () => {
    expect(read(String.raw`"a\u0000b\ud800c"`)).toBe('a\ufffdb\ufffdc');
  });

  it('reads any depth, and refuses what is no JSON', () => {
    expect(read(`${'['.repeat(50_000)}1${']'.repeat(50_000)}`)).toMatch(/ - 1$/);
    expect(() => read('{"a":')).toThrow('not valid JSON');
  });
});

describe('the HTML parser', () => {
  const read = (html: string) => {
    const { text, blocks } = htmlParser.parse(html);
    return [...blocks].map(({ kind, start, end, level }: Block) => [
      kind,
      text.slice(start, end),
      ...(level ? [level] : []),
    ]);
  };
  const table = (rows: string) => read(`<table>${rows}</table>`).map(([, text]) => text);

  it('shows what a reader sees: headings, paragraphs, tables and code, no scripts or styles', () => {
    const html = `<html><head><title>T</title><style>p{}</style></head><body><script>x()</script>
      <h1>Big <em>title</em></h1><p>First   line<br>second <b>bold</b>.</p><ul><li>one</li><li>two</li></ul>
      <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><pre>  let x;\n  y</pre>tail</body></html>`;
    expect(read(html)).toEqual([
      ['heading', 'Big title', 1],
      ['paragraph', 'First line\nsecond bold.'],
      ['paragraph', 'one'],
      ['paragraph', 'two'],
      ['table', 'a | b\n1 | 2'],
      ['code', '  let x;\n  y'],
      ['paragraph', 'tail'],
    ]);
  });

  it('keeps blocks of a cell, and lines in it, apart', () => {
    const cells = '<td><p>Monday</p><p>Tuesday</p></td><td><ul><li>8-12</li><li>14-18<br>by phone</li></ul></td>';
    expect(table(`<tr>${cells}</tr>`)).toEqual(['Monday / Tuesday | 8-12 / 14-18 by phone']);
  });

  it('keeps the column of an empty cell', () => {
    expect(table('<tr><th></th><th>Mon</th><th>Tue</th></tr><tr><td>Ann</td><td></td><td>9</td></tr>')).toEqual([
      '| Mon | Tue\nAnn | | 9',
    ]);
  });

  it('says what spans columns or rows in each of them, and a title once', () => {
    const rows = `<tr><th colspan=3>Fees</th></tr><tr><td rowspan=2>Berlin</td><td colspan=2>none</td></tr>
      <tr><td>day</td><td>4</td></tr><tr><td>Bonn</td><td>day</td><td>3</td></tr>`;
    expect(table(rows)).toEqual(['Fees\nBerlin | none | none\nBerlin | day | 4\nBonn | day | 3']);
  });

  it('shows the page that a table only lays out', () => {
    const menu = '<table><tr><td>Home</td></tr><tr><td>Shop</td></tr></table>';
    const page = `<table><tr><td>${menu}</td><td><h2>Returns</h2><p>Within 30 days.</p></td></tr></table>`;
    expect(read(page)).toEqual([
      ['paragraph', 'Home'],
      ['paragraph', 'Shop'],
      ['heading', 'Returns', 2],
      ['paragraph', 'Within 30 days.'],
    ]);
    const data = '<tr><td>a</td><td>b</td></tr>';
    expect(read(`<table role="presentation">${data}</table>`).map(([kind]) => kind)).toEqual([
      'paragraph',
      'paragraph',
    ]);
    expect(read(`<table><caption>Fees</caption>${data}</table>`)).toEqual([
      ['paragraph', 'Fees'],
      ['table', 'a | b'],
    ]);
  });

  it('lets spans repeat so much and no more', () => {
    const wide = `<td colspan=1000 rowspan=60000>${'x'.repeat(50)}</td>`.repeat(20);
    const { text } = htmlParser.parse(`<table><tr>${wide}</tr>${'<tr><td>y</td></tr>'.repeat(2000)}</table>`);
    expect(text.length).toBeLessThan(200_000);
  });

  it('decodes entities', () => {
    expect(htmlParser.parse('<p>&eacute; &amp; &#8364;</p>').text).toBe('é & €');
  });

  it('finds the charset that a page declares', () => {
    const declared = (html: string) => htmlParser.declaredCharset!(Buffer.from(html));
    expect(declared('<meta charset="iso-8859-1">')).toBe('iso-8859-1');
    expect(declared('<meta http-equiv=Content-Type content="text/html; charset=gbk">')).toBe('gbk');
    expect(declared('<?xml version="1.0" encoding="Shift_JIS"?><html>')).toBe('Shift_JIS');
    expect(declared('<p>charset=x</p>')).toBeUndefined();
  });

  it('refuses depths that no page has, and pages that grow without end', () => {
    expect(() => htmlParser.parse('<div>'.repeat(200_000))).toThrow('nested deeper');
    expect(() => htmlParser.parse('<table><td><div>'.repeat(20_000))).toThrow('nested deeper');
    const fonts = Array.from({ length: 400 }, (_, i) => `<font size=${i}>`).join('');
    expect(() => htmlParser.parse(`<p>${fonts}${'<p>x'.repeat(20_000)}`)).toThrow('without end');
  });

  it('refuses pages beyond its size', () => {
    expect(() => htmlParser.parse(' '.repeat(10 * 1024 * 1024 + 1))).toThrow('10 MiB');
  });
});
