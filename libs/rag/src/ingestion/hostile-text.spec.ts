import { parseDocument } from './parse-document.js';

/** Texts that are long in one respect. Each once took time that grew with the square of its length, or might. */
const HOSTILE: readonly (readonly [type: string, what: string, text: (n: number) => string])[] = [
  ['text/plain', 'separators of lines', (n) => `a${'\u2028'.repeat(n)}b`],
  ['text/plain', 'spaces in a line', (n) => `a${' '.repeat(n)}b`],
  ['text/plain', 'empty lines', (n) => `a${'\r\n'.repeat(n)}b`],
  ['text/plain', 'words of one letter', (n) => 'a '.repeat(n)],
  ['text/plain', 'full stops', (n) => '. '.repeat(n)],
  ['text/plain', 'abbreviations', (n) => 'Dr. '.repeat(n)],
  ['text/plain', 'a word', (n) => 'a'.repeat(n)],
  ['text/markdown', 'backticks', (n) => Array.from({ length: Math.sqrt(n) }, (_, i) => '`'.repeat(i + 1)).join('x')],
  ['text/markdown', 'comments that never end', (n) => '<!-- '.repeat(n)],
  ['text/markdown', 'comments', (n) => '<!---->'.repeat(n)],
  ['text/markdown', 'brackets', (n) => '['.repeat(n)],
  ['text/markdown', 'data URLs', (n) => '(data:,'.repeat(n)],
  ['text/markdown', 'quotes in quotes', (n) => '>'.repeat(n)],
  ['text/markdown', 'tables', (n) => '|a|\n|-|\n'.repeat(n / 8)],
  ['text/markdown', 'fences', (n) => '```\n'.repeat(n / 4)],
  ['text/csv', 'quotes', (n) => '"'.repeat(n)],
  ['application/json', 'arrays in arrays', (n) => `${'[1,'.repeat(n / 4)}1${']'.repeat(n / 4)}`],
  ['application/json', 'escapes', (n) => `"${'\\"'.repeat(n)}"`],
  ['text/html', 'spaces in code', (n) => `<pre>x${' '.repeat(n)}y`],
  ['text/html', 'spaces in cells', (n) => `<table><td>x${' '.repeat(n)}y`],
  ['text/html', 'cells', (n) => `x${'<td>'.repeat(n / 4)}`],
  ['text/html', 'cells of a table', (n) => `<table>${'<td>x'.repeat(n / 4)}`],
  ['text/html', 'rows under a cell that spans all', (n) => `<table><td rowspan=60000>x${'<tr><td>y'.repeat(n / 8)}`],
  ['text/html', 'breaks', (n) => `x${'<br>'.repeat(n / 4)}`],
  ['text/html', 'words in elements', (n) => '<i>x </i>'.repeat(n / 8)],
];

const SMALL = 6_000;
const GROWTH = 16;

describe('any text', () => {
  it.each(HOSTILE)('of %s with many %s takes time that grows with its length', (type, _, text) => {
    const [small, large] = [Buffer.from(text(SMALL)), Buffer.from(text(SMALL * GROWTH))];
    fastest(small, type, 1);
    // Quadratic would be 256, each time; what else the machine does comes and goes.
    const isLinear = () => fastest(large, type, 3) / Math.max(fastest(small, type, 3), 2) < GROWTH * 4;
    expect([1, 2, 3].some(isLinear)).toBe(true);
  });
});

/** The least of several times: what else the machine does only ever adds. */
function fastest(bytes: Buffer, type: string, tries: number): number {
  const times = Array.from({ length: tries }, () => {
    const before = process.cpuUsage();
    try {
      parseDocument(bytes, { type });
    } catch {
      // What is refused takes its time as well.
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}
