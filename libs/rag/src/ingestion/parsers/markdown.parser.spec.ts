import { markdownParser } from './markdown.parser.js';

const read = (source: string) => markdownParser.parse(source);
const IMAGE = `data:image/png;base64,${'iVBORw0KGgo'.repeat(2000)}`;

describe('the markdown parser', () => {
  it('leaves comments out', () => {
    expect(read('<!-- todo: ask the boss -->\nThe fee is 4 euro.')).toMatchObject({
      text: '\nThe fee is 4 euro.',
      textKind: 'extracted',
    });
    expect(read('A <!-- one\n\n```\ntwo --> b <!---->c.').text).toBe('A  b c.');
  });

  it.each([
    'It never <!-- ends.',
    '```html\n<!-- shown -->\n```\n',
    '~~~\n<!-- shown -->',
    'Write `<!-- so -->` here.',
    'Write ``<!-- ` so -->`` here.',
    'Code:\n\n    <!-- shown -->\n',
    'Words about data: URLs, data:text/plain,a too.',
  ])('keeps %j as it is', (source) => {
    expect(read(source)).toMatchObject({ text: source, textKind: 'source' });
  });

  it.each([
    [`See ![the gate](${IMAGE}) there.`, 'See the gate there.'],
    [`See ![the gate](<${IMAGE}> "Title") there.`, 'See the gate there.'],
    [`See [a file](${IMAGE}).`, 'See a file.'],
    [`See ![the gate][1].\n\n[1]: ${IMAGE}\n\nEnd.`, 'See ![the gate][1].\n\n\n\nEnd.'],
    [`See <img src="${IMAGE}" alt="the gate"> there.`, 'See the gate there.'],
    [`See <img alt='the gate' src='${IMAGE}'/> there.`, 'See the gate there.'],
    [`Raw ${IMAGE} end.`, 'Raw  end.'],
    ['Small ![dot](data:image/gif;base64,R0lGOD==).', 'Small dot.'],
  ])('drops data URLs to their words (%#)', (source, text) => {
    expect(read(source)).toMatchObject({ text, textKind: 'extracted' });
  });

  it('takes front matter for metadata', () => {
    const source = '---\nowner: kitchen\ntags: [a, b]\nid: 12345678901234567890\nsince: 2026-01-02\n---\n\n# Menu\n';
    expect(read(source)).toMatchObject({
      text: '\n# Menu\n',
      textKind: 'extracted',
      metadata: { owner: 'kitchen', tags: ['a', 'b'], id: '12345678901234567890', since: '2026-01-02' },
    });
  });

  it('keeps rules around prose, and says what front matter it cannot read', () => {
    const prose = '---\nSome words.\n---\nMore.';
    expect(read(prose)).toMatchObject({ text: prose, textKind: 'source' });
    expect(read('---\na: [1\n---\nText.')).toMatchObject({
      text: 'Text.',
      warnings: [expect.objectContaining({ code: 'front_matter_ignored' })],
    });
    const bomb = `---\na: &a [1,1]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*${i ? `b${i - 1}` : 'a'},*${i ? `b${i - 1}` : 'a'}]`).join('\n')}\n---\nText.`;
    expect(read(bomb)).toMatchObject({ text: 'Text.', metadata: undefined });
  });
});
