import { fillInput } from './fill-input.js';

const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});
const string = { type: 'string' };

describe('fillInput', () => {
  it.each([
    ['a place', { city: string }, 'What is the weather in New York today?', { city: 'New York' }],
    ['a place in lower case', { location: string }, 'weather in berlin?', { location: 'berlin' }],
    ['an order number', { orderId: string }, 'Where is order A-1042?', { orderId: 'A-1042' }],
    ['a number with a hash', { ticketNumber: string }, 'Close ticket #77 please', { ticketNumber: '77' }],
    ['a quoted text', { title: string }, 'Create a note titled "Buy milk"', { title: 'Buy milk' }],
    ['an email', { to: { type: 'string', format: 'email' } }, 'Write to ann@example.org.', { to: 'ann@example.org' }],
    ['a link', { url: string }, 'Fetch https://example.org/a?b=1.', { url: 'https://example.org/a?b=1' }],
    ['a date', { day: { type: 'string', format: 'date' } }, 'Book 2026-11-21', { day: '2026-11-21' }],
    ['a number', { amount: { type: 'number' } }, 'Refund 12.50 EUR', { amount: 12.5 }],
    ['an enum value', { unit: { enum: ['celsius', 'fahrenheit'] } }, 'in Fahrenheit please', { unit: 'fahrenheit' }],
    ['a constant', { version: { const: 2 } }, 'go', { version: 2 }],
    ['a time zone', { timeZone: string }, 'What time is it in Tokyo?', { timeZone: 'Asia/Tokyo' }],
    ['an expression', { expression: string }, 'What is 2 + 3?', { expression: '2 + 3' }],
    ['a whole question', { query: string }, 'Find red shoes', { query: 'Find red shoes' }],
    ['a name', { customer: string }, 'Look up Grace Hopper', { customer: 'Grace Hopper' }],
    ['nothing for nothing', {}, 'go', {}],
  ])('finds %s', (_, properties, text, input) => {
    expect(fillInput(object(properties), text)).toEqual(input);
  });

  it('gives two numbers to two properties, integers to the integer', () => {
    const schema = object({ price: { type: 'number', maximum: 5 }, count: { type: 'integer' } });
    expect(fillInput(schema, 'Order 12 at 2.5 each')).toEqual({ price: 2.5, count: 12 });
  });

  it('gives up when a required value is not stated', () => {
    expect(fillInput(object({ orderId: string }), 'What is your refund policy?')).toBeUndefined();
    expect(fillInput(object({ flag: { type: 'boolean' } }), 'yes')).toBeUndefined();
  });

  it('leaves optional values and defaults to the tool unless they are plain to see', () => {
    const schema = object(
      {
        orderId: string,
        limit: { type: 'integer' },
        unit: { enum: ['kg', 'g'] },
        topK: { type: 'integer', default: 5 },
      },
      ['topK'],
    );
    expect(fillInput(schema, 'Show 3 orders in kg for A1')).toEqual({ unit: 'kg' });
  });

  it('takes a schema without properties', () => {
    expect(fillInput({ type: 'object' }, 'go')).toEqual({});
  });
});
