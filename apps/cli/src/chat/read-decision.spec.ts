import { type Interrupt, readDecision } from './read-decision.js';

const asked = (kind: Interrupt['kind'], responseSchema: Record<string, unknown> = {}): Interrupt => ({
  id: 'int_1',
  kind,
  prompt: '?',
  responseSchema,
});

describe('what a typed line decides', () => {
  it.each([
    ['approval', ' Yes ', { decision: 'approve' }],
    ['approval', 'n', { decision: 'reject' }],
    ['approval', 'done', undefined],
    ['approval', 'constructor', undefined],
    ['unknown_effect', 'retry', { decision: 'retry' }],
    ['unknown_effect', 'yes', undefined],
    ['question', 'A-17', { decision: 'done', value: 'A-17' }],
    ['question', '17', { decision: 'done', value: '17' }],
    ['question', '/reject', { decision: 'reject' }],
    ['choice', '', undefined],
  ] as const)('of %s: %j', (kind, line, decision) => {
    expect(readDecision(asked(kind), line)).toEqual(decision);
  });

  it('reads JSON where the schema wants something else than a text', () => {
    expect(readDecision(asked('question', { type: 'integer' }), '17')).toEqual({ decision: 'done', value: 17 });
    expect(readDecision(asked('question', { type: 'integer' }), 'many')).toEqual({ decision: 'done', value: 'many' });
    expect(readDecision(asked('choice', { enum: ['1', 2] }), '1')).toEqual({ decision: 'done', value: '1' });
    expect(readDecision(asked('choice', { enum: ['1', 2] }), '2')).toEqual({ decision: 'done', value: 2 });
  });
});
