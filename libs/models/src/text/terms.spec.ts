import { stem } from './stem.js';
import { contentTerms, words } from './terms.js';

describe('words', () => {
  it('lower-cases, drops accents and possessives', () => {
    expect(words("The café's OPENING—hours")).toEqual(['the', 'cafe', 'opening', 'hours']);
  });

  it('takes pairs of characters where a script has no spaces', () => {
    expect(words('東京都')).toEqual(['東京', '京都']);
  });

  it('parts a Korean word from its particle', () => {
    expect(words('배송비는')).toEqual(expect.arrayContaining(words('배송비')));
  });

  it('reads on over signs that nobody sees', () => {
    expect(words('Ver\u00ADsand\u00ADkosten zero\u200Bwidth')).toEqual(['versandkosten', 'zerowidth']);
  });
});

describe('contentTerms', () => {
  it('drops what only asks', () => {
    expect(contentTerms('How long is the warranty, please?')).toEqual([stem('warranty')]);
    expect(contentTerms('What is it?')).toEqual([]);
  });

  it('keeps a measure word that names something', () => {
    expect(contentTerms('a long cable')).toEqual(['long', stem('cable')]);
  });
});

describe('stem', () => {
  it.each([
    ['returns', 'returned'],
    ['return', 'returning'],
    ['charge', 'charging'],
    ['ship', 'shipping'],
    ['ship', 'shipment'],
    ['policy', 'policies'],
    ['cancel', 'cancellation'],
    ['refund', 'refundable'],
    ['install', 'installed'],
    ['box', 'boxes'],
    ['month', 'monthly'],
  ])('%s and %s meet', (one, other) => {
    expect(stem(one)).toBe(stem(other));
  });

  it.each([
    ['bus', 'but'],
    ['string', 'str'],
  ])('%s and %s stay apart', (one, other) => {
    expect(stem(one)).not.toBe(stem(other));
  });
});
