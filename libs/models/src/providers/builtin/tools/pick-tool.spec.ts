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
    ['What is 17% of 2400?', 'calculator', { expression: '17% of 2400' }],
    ['What time is it in Berlin?', 'current-time', { timeZone: 'Europe/Berlin' }],
    ["What's the date?", 'current-time', {}],
    ['How is the weather in Lisbon?', 'weather.current', { city: 'Lisbon' }],
    ['Where is my order 1042?', 'get-order', { orderId: '1042' }],
    ['Please refund payment 77', 'refundPayment', { orderId: '77' }],
    ['What is 200 + 10%?', 'calculator', { expression: '200 + 10%' }],
    ['What time is it in Kolkata?', 'current-time', { timeZone: 'Asia/Kolkata' }],
    ['What time is it in Mumbai, India?', 'current-time', { timeZone: 'Asia/Kolkata' }],
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
    'What is the time limit for complaints?',
    'Do you sell 10x15 cm photo prints?',
    'When does the weather station in Lisbon open?',
    'Who may place an order, and how is the state of repair judged at 1 point?',
    '',
  ])('no tool for: %s', (question) => {
    expect(pickTool(question, TOOLS)).toBeUndefined();
  });

  it('does what cannot be undone only when told to, not when asked about it', () => {
    expect(pickTool('How do I get a refund for payment 77?', TOOLS) ?? {}).not.toMatchObject({ tool: 'refundPayment' });
  });

  it('says of a place that it does not know it, instead of the time somewhere else', () => {
    expect(pickTool('What time is it in Atlantis?', TOOLS)).toEqual({
      kind: 'unfit',
      reason: expect.stringContaining('"Atlantis"'),
    });
  });

  it('tells what is asked for beyond doubt from what documents may have a name for', () => {
    expect(pickTool('What is 15% of 240?', TOOLS)).toMatchObject({ firm: true });
    expect(pickTool('What is 10x15?', TOOLS)).toMatchObject({ firm: false });
    expect(pickTool('Where is my order 1042?', TOOLS)).toMatchObject({ firm: true });
    expect(pickTool('How is the weather in Lisbon?', TOOLS)).toMatchObject({ firm: false });
  });

  it('knows a calculator and a clock by what they take and are, not by a word of their name', () => {
    const others = [
      tool('loan-calculator', 'Monthly rate of a loan', { amount: { type: 'number' } }),
      tool('time-tracking.list', 'Hours booked by a person'),
    ];
    expect(pickTool('What is 2 + 2?', others)).toBeUndefined();
    expect(pickTool('What time is it?', others)).toBeUndefined();
  });

  it('picks nothing when none is offered', () => {
    expect(pickTool('What is 2+2?', [])).toBeUndefined();
  });
});
