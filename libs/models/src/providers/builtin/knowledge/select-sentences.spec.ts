import fc from 'fast-check';
import type { NumberedPassage } from '../../../citations/passages.js';
import { quote } from '../../../citations/quote.js';
import { withinOneEdit } from './edit-distance.js';
import { selectSentences } from './select-sentences.js';

const HANDBOOK = `# Returns

Customers may return any item within 30 days of delivery. Opened software cannot be returned.

## Shipping costs

Return shipping is free for damaged goods. In all other cases the customer pays the postage.

# Opening hours

The office opens at 9 am on weekdays and stays closed on public holidays.

# Warranty

The Falcon drone is our flagship. It has a warranty of 24 months.
`;

const passage = (text: string, more: Partial<NumberedPassage> = {}): NumberedPassage => ({
  number: 1,
  chunkId: 'chk_1',
  documentId: 'doc_1',
  documentTitle: 'Handbook',
  text,
  score: 1,
  charStart: 0,
  charEnd: text.length,
  headingPath: [],
  ...more,
});

const ask = (question: string, passages = [passage(HANDBOOK)]) =>
  selectSentences(question, passages).picked.map(({ passage: { text }, span }) => text.slice(span.start, span.end));

describe('selectSentences', () => {
  it.each([
    ['How long do customers have to return a product?', 'Customers may return any item within 30 days of delivery.'],
    ['Who pays the postage?', 'In all other cases the customer pays the postage.'],
    [
      'What are the opening hours of the office?',
      'The office opens at 9 am on weekdays and stays closed on public holidays.',
    ],
    ['Is retrun shipping free?', 'Return shipping is free for damaged goods.'],
    ['When does the office open?', 'The office opens at 9 am on weekdays and stays closed on public holidays.'],
  ])('%s', (question, answer) => {
    expect(ask(question)[0]).toBe(answer);
  });

  it('understands a sentence that refers to the one before it', () => {
    expect(ask('How long is the warranty of the Falcon drone?')).toContain('It has a warranty of 24 months.');
  });

  it.each([
    'What is the airspeed velocity of an unladen swallow?',
    'Wie hoch ist der Eiffelturm?',
    'What colour is the unicorn in the wizard castle?',
    'How many returns are there on Mars?',
    'Who are you?',
    '???',
    '',
  ])('says nothing to: %s', (question) => {
    expect(ask(question)).toEqual([]);
  });

  describe('where the question names something by number', () => {
    const PARTS = 'Gasket AB-123/4 costs 18 euro. Gasket AB-123/5 costs 22 euro.';
    const POTS = 'The 15 cm pot costs 5 euro. The 20 cm pot costs 8 euro.';
    const missing = (question: string, text: string) => selectSentences(question, [passage(text)]).missing;

    it.each([
      ['What does gasket AB-123/4 cost?', PARTS, ['Gasket AB-123/4 costs 18 euro.']],
      ['What does gasket ab-123/5 cost?', PARTS, ['Gasket AB-123/5 costs 22 euro.']],
      ['What does the 20 cm pot cost?', POTS, ['The 20 cm pot costs 8 euro.']],
      [
        'Does version 2.1 support sso?',
        'Version 2.0 has no SSO. Version 2.1 supports SSO.',
        ['Version 2.1 supports SSO.'],
      ],
      [
        'Do you sell 10x15 cm photo prints?',
        'Photo prints of 10x15 cm cost 20 cent.',
        ['Photo prints of 10x15 cm cost 20 cent.'],
      ],
      [
        'Is the shop open on 24 December?',
        'The shop is open until noon on 2025-12-24. The shop is not open on 25 December.',
        ['The shop is open until noon on 2025-12-24.'],
      ],
      [
        'What does gasket AB-123/4 cost?',
        'Gasket AB-123/4 is black. It costs 18 euro.',
        ['Gasket AB-123/4 is black.', 'It costs 18 euro.'],
      ],
      [
        'What does C# training cost?',
        'C++ training costs 90 euro. C# training costs 80 euro.',
        ['C# training costs 80 euro.'],
      ],
    ])('%s', (question, text, answers) => {
      expect(ask(question, [passage(text)]).toSorted()).toEqual(answers.toSorted());
    });

    it.each([
      ['What does gasket AB-123/9 cost?', PARTS, { asked: ['AB-123/9'], has: ['AB-123/4', 'AB-123/5'] }],
      ['What does the 25 cm pot cost?', POTS, { asked: ['25 cm'], has: ['15 cm', '20 cm'] }],
      ['Does version 2.2 support sso?', 'Version 2.1 supports SSO.', { asked: ['version 2.2'], has: ['Version 2.1'] }],
      ['How big is room 13?', 'Room 12 is 20 square metres big.', { asked: ['room 13'], has: ['Room 12'] }],
    ])('%s: says what there is', (question, text, expected) => {
      expect(ask(question, [passage(text)])).toEqual([]);
      expect(missing(question, text)).toEqual(expected);
    });

    it('takes no amount of days for a name', () => {
      expect(ask('May customers return an item after 40 days?')[0]).toContain('within 30 days');
    });
  });

  describe('where the passage asks and answers', () => {
    it.each([
      ['Q: May I park overnight? A: Yes, for 4 euro.', 'May I park overnight?', 'Yes, for 4 euro.'],
      ['**Q:** May I park overnight?\n**A:** Yes, for 4 euro.', 'Can I park overnight?', 'Yes, for 4 euro.'],
      ['1. May I park overnight?\nYes, for 4 euro.\n2. May I cook?\nNo.', 'May I cook?', 'No.'],
      ['Frage: Wo ist der Laden?\nAntwort: In der Mühlgasse 4.', 'Wo ist der Laden?', 'In der Mühlgasse 4.'],
      ['# Where is the store?\n\nIn Mill Lane 4.', 'Where is the store?', 'In Mill Lane 4.'],
      ['**Where is the store?**\n\nIn Mill Lane 4.', 'Where is the store?', 'In Mill Lane 4.'],
      ['Where is the store?\nIn Mill Lane 4.', 'where is the store', 'In Mill Lane 4.'],
    ])('%j', (text, question, answer) => {
      expect(ask(question, [passage(text)])).toEqual([answer]);
    });

    it('reads the question from the heading above the passage', () => {
      const under = passage('In Mill Lane 4.', { headingPath: ['Where is the store?'] });
      expect(ask('Where is the store?', [under])).toEqual(['In Mill Lane 4.']);
    });

    it('never quotes a question for its answer', () => {
      expect(ask('May I park overnight?', [passage('Q: May I park overnight?')])).toEqual([]);
    });
  });

  it('finds a word within a compound', () => {
    const text = 'Die Versandkostenpauschale beträgt 5 Euro. Der Laden öffnet um 9 Uhr.';
    expect(ask('Wie hoch sind die Versandkosten?', [passage(text)])).toEqual([
      'Die Versandkostenpauschale beträgt 5 Euro.',
    ]);
  });

  it('says nothing without passages', () => {
    expect(selectSentences('When does the office open?', [])).toEqual({ picked: [] });
  });

  it('says the sentence once that two chunks share', () => {
    const shared = 'The deposit is 50 EUR for each bicycle.';
    const twice = [
      passage(`${shared} Bring a card.`),
      passage(`Hello there. ${shared}`, { number: 2, chunkId: 'chk_2' }),
    ];
    expect(ask('How much is the deposit for a bicycle?', twice)).toEqual([shared]);
  });

  it('prefers, all else equal, the passage that retrieval ranked higher', () => {
    const text = 'The fee is due in May for members.';
    const two = [passage(text, { score: 1 }), passage('The fee is due in June for guests.', { number: 2, score: 9 })];
    expect(ask('When is the fee due?', two)[0]).toBe('The fee is due in June for guests.');
  });

  it('quotes exact substrings at their offsets in the document, for any passages and question', () => {
    const text = fc
      .lorem({ maxCount: 12, mode: 'sentences' })
      .chain((prose) => fc.string({ unit: 'grapheme', maxLength: 20 }).map((noise) => `${noise}\n${prose}\n${noise}`));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.lorem({ maxCount: 8 }), (chunks, question) => {
        const document = chunks.join('');
        let charStart = 0;
        const passages = chunks.map((chunk, index) => {
          const made = passage(chunk, { number: index + 1, chunkId: `chk_${index}`, charStart });
          charStart += chunk.length;
          return made;
        });
        const { picked } = selectSentences(question, passages);
        expect(picked.length).toBeLessThanOrEqual(3);
        for (const { passage: from, span } of picked) {
          const citation = quote(from, span, 1);
          expect(document.slice(citation.charStart, citation.charEnd)).toBe(citation.quote);
          expect(citation.quote).not.toBe('');
        }
      }),
    );
  });
});

describe('withinOneEdit', () => {
  it.each([
    ['return', 'retrun', true],
    ['return', 'retur', true],
    ['return', 'returnx', true],
    ['return', 'retarn', true],
    ['return', 'return', true],
    ['return', 'retunr', true],
    ['return', 'rotarn', false],
    ['return', 'ret', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(withinOneEdit(a, b)).toBe(expected);
  });
});
