import { asksTime } from './asks-time.js';

describe('asksTime', () => {
  it.each([
    ['What time is it?', undefined],
    ["What's the time?", undefined],
    ['What is the current time?', undefined],
    ["What's today's date?", undefined],
    ['Which day is it today?', undefined],
    ['Hello, do you know what time it is?', undefined],
    ['Wie spät ist es?', undefined],
    ['Quelle heure est-il ?', undefined],
    ['What time is it in Kolkata?', 'Kolkata'],
    ['What time is it now in New York?', 'New York'],
    ['What is the local time in São Paulo right now?', 'São Paulo'],
    ['Tell me the time in Tokyo.', 'Tokyo'],
    ['I fly tomorrow. What time is it in Denver, Colorado?', 'Denver, Colorado'],
    ['time in lima', 'lima'],
    ['Tokyo time?', 'Tokyo'],
    ['Wie spät ist es in Wien?', 'Wien'],
    ['¿Qué hora es en Madrid?', 'Madrid'],
  ])('%s: %s', (question, place) => {
    expect(asksTime(question)).toEqual(place === undefined ? {} : { place });
  });

  it.each([
    'What is the time limit for complaints?',
    'What is the current time limit?',
    'What is the date of the fair?',
    'What time does the office open?',
    'What time is it open until?',
    'How much time do I have?',
    'Is there a time clock in Berlin?',
    'What is the delivery time for Bonn?',
    'What day is the market?',
    '',
  ])('%s: no', (question) => {
    expect(asksTime(question)).toBeUndefined();
  });
});
