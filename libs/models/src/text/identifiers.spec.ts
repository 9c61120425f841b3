import { contradicts, identifiersIn, sameIdentifier } from './identifiers.js';

const values = (text: string) => identifiersIn(text).map(({ kind, of, value }) => [kind, of, value].join(' '));
const only = (text: string) => identifiersIn(text)[0]!;

describe('identifiersIn', () => {
  it.each([
    ['What does gasket AB-123/9 cost?', ['code  ab-123/9']],
    ['Does it run on v1.2.3 or 1.2.4?', ['code  1.2.3', 'code  1.2.4']],
    ['Is version 2.1 supported?', ['code  2.1']],
    ['Do you teach C#, C++ and .NET?', ['code  c#', 'code  c++', 'code  .net']],
    ['Do you sell 10 x 15 cm prints?', ['measure size 10x15']],
    ['10x15 and 13×18', ['measure size 10x15', 'measure size 13x18']],
    ['What does the 20 cm pot cost?', ['measure cm 20']],
    ['a 2,5 kg bag, a 20-cm pot', ['measure kg 2.5', 'measure cm 20']],
    ['Is the shop open on 24 December?', ['date day 12-24/']],
    ['On December 24th, 2025', ['date day 12-24/2025']],
    ['On 2025-12-24 and am 24.12.2025', ['date day 12-24/2025', 'date day 12-24/2025']],
    ['How big is room 12?', ['numbered room 12']],
    ['What does error no. 404 mean?', ['numbered error 404']],
    ['EAN 4006381333931, ISBN 978-3-16-148410-0', ['code  978-3-16-148410-0', 'numbered ean 4006381333931']],
  ])('%s', (text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  it.each([
    'May I return it within 30 days, or after 40?',
    'Is there a 30-day guarantee? Are you open 24/7 from 9am to 17:30?',
    'Do 2 adults pay 1,200 euro or 12.50 euro?',
    'Is it 15% for the 3rd of them, in 1-2 weeks?',
    '',
  ])('%s: none', (text) => {
    expect(values(text)).toEqual([]);
  });

  it('compares values of the same thing only', () => {
    expect(sameIdentifier(only('24 December'), only('2025-12-24'))).toBe(true);
    expect(sameIdentifier(only('24 December 2024'), only('2025-12-24'))).toBe(false);
    expect(contradicts(only('20 cm'), only('25 cm'))).toBe(true);
    expect(contradicts(only('20 cm'), only('20 kg'))).toBe(false);
    expect(contradicts(only('room 12'), only('room 14'))).toBe(true);
  });
});
