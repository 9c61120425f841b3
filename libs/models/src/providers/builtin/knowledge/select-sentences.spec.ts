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
  selectSentences(question, passages).map(({ passage: { text }, span }) => text.slice(span.start, span.end));

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

  it('says nothing without passages', () => {
    expect(selectSentences('When does the office open?', [])).toEqual([]);
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
        const picked = selectSentences(question, passages);
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
