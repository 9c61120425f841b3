import type { ToolEffect, ToolSpec } from '@guildhall/sdk';
import { pickTool } from './pick-tool.js';

const tool = (
  name: string,
  description: string,
  input: Record<string, unknown> = {},
  effect: ToolEffect = 'read',
): ToolSpec => ({
  name,
  description,
  inputSchema: { type: 'object', properties: input, required: Object.keys(input) },
  effect,
});

const TOOLS = [
  tool('calculator', 'Evaluates arithmetic', { expression: { type: 'string' } }),
  {
    ...tool('current-time', 'The current date and time'),
    inputSchema: {
      type: 'object',
      properties: { timeZone: { type: 'string', default: 'UTC' } },
      required: ['timeZone'],
    },
  },
  tool('weather.current', 'Current weather for a place', { city: { type: 'string' } }),
  tool('get-order', 'The state of an order', { orderId: { type: 'string' } }),
  tool('refundPayment', 'Pays an order back', { orderId: { type: 'string' } }, 'unsafe'),
  tool('fx', 'Converts an amount of money between two currencies', { amount: { type: 'number' } }),
  tool('knowledge.search', 'Searches the documents', { query: { type: 'string' } }),
];

describe('pickTool', () => {
  it.each([
    ['What is 17% of 2400?', 'calculator', { expression: '17 / 100 * 2400' }],
    ['What time is it in Berlin?', 'current-time', { timeZone: 'Europe/Berlin' }],
    ["What's the date?", 'current-time', {}],
    ['How is the weather in Lisbon?', 'weather.current', { city: 'Lisbon' }],
    ['Where is my order 1042?', 'get-order', { orderId: '1042' }],
    ['Please refund payment 77', 'refundPayment', { orderId: '77' }],
    ['Convert money between currencies: 12 euro', 'fx', { amount: 12 }],
  ])('%s → %s', (question, name, input) => {
    expect(pickTool(question, TOOLS)).toMatchObject({ tool: name, input });
  });

  it.each([
    'What is your refund policy?',
    'What time does the office open?',
    'How is the weather?',
    'Who wrote the handbook?',
    'Search the documents',
    '',
  ])('no tool for: %s', (question) => {
    expect(pickTool(question, TOOLS)).toBeUndefined();
  });

  it('does what cannot be undone only when told to, not when asked about it', () => {
    expect(pickTool('How do I get a refund for payment 77?', TOOLS)?.tool).not.toBe('refundPayment');
  });

  it('picks nothing when none is offered', () => {
    expect(pickTool('What is 2+2?', [])).toBeUndefined();
  });
});
