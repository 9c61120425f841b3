import fc from 'fast-check';
import { UnavailableError } from '@guildhall/sdk';
import type { Answered } from './answered.js';
import { newResponse } from './response-object.js';
import { responseRequest } from './response-request.js';
import { ResponseWriter } from './response-writer.js';

interface Event {
  readonly type: string;
  readonly sequence_number: number;
  readonly output_index?: number;
  readonly item_id?: string;
  readonly item?: { readonly id: string; readonly type: string };
  readonly delta?: string;
  readonly text?: string;
  readonly response?: { readonly output: readonly { readonly id: string }[] };
}

function writing() {
  const events: Event[] = [];
  const request = responseRequest({ model: 'a/b', input: 'Hi', store: false });
  const response = newResponse({ request, previous: undefined, earlier: async () => [] });
  const writer = new ResponseWriter(response, (bytes) => {
    const [name, data] = Buffer.from(bytes).toString().trimEnd().split('\n');
    const event = JSON.parse(data!.slice('data: '.length)) as Event;
    expect(name).toBe(`event: ${event.type}`);
    events.push(event);
  });
  return { events, writer };
}

const answered = (more: Partial<Answered> = {}): Answered => ({
  text: '',
  reasoning: undefined,
  toolCalls: [],
  citations: [],
  finishReason: 'stop',
  usage: { inputTokens: 1, outputTokens: 2, cachedTokens: 0 },
  guildhall: {},
  ...more,
});

const PIECE = fc.record({
  kind: fc.constantFrom('reasoning' as const, 'text' as const),
  text: fc.string({ minLength: 1 }),
});
const CALLS = fc.array(
  fc.record({ id: fc.uuid(), tool: fc.string({ minLength: 1 }), input: fc.dictionary(fc.string(), fc.integer()) }),
);

describe('the events of a response', () => {
  it('tell each item from its beginning to its end, whatever the model does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(PIECE), CALLS, async (pieces, toolCalls) => {
        const { events, writer } = writing();
        for (const { kind, text } of pieces) writer[kind](text);
        const said = (kind: string) => pieces.flatMap((piece) => (piece.kind === kind ? [piece.text] : [])).join('');
        const whole = writer.finish(
          answered({ text: said('text'), reasoning: said('reasoning') || undefined, toolCalls }),
        );
        await writer.end(whole);
        expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
        expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
        expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { output: whole.output } });
        let open: Event['item'];
        let text = '';
        let index = 0;
        for (const { type, ...event } of events.slice(2, -1)) {
          expect(event.output_index).toBe(index);
          if (type === 'response.output_item.added') [open, text] = [event.item, ''];
          else if (type === 'response.output_item.done') {
            expect(event.item).toEqual(whole.output[index++]);
            expect(event.item!.id).toBe(open!.id);
          } else expect(event.item_id).toBe(open!.id);
          if (type.endsWith('.delta')) text += event.delta;
          if (type.endsWith('_text.done')) expect(event.text).toBe(text);
        }
        expect(index).toBe(whole.output.length);
      }),
    );
  });

  it('say everything at the end for a model that says everything at once', () => {
    const { events, writer } = writing();
    const { output } = writer.finish(answered({ text: 'Four.', reasoning: 'Sums.' }));
    expect(output).toMatchObject([{ type: 'reasoning' }, { type: 'message', content: [{ text: 'Four.' }] }]);
    expect(events.filter(({ type }) => type.endsWith('.delta')).map(({ delta }) => delta)).toEqual(['Sums.', 'Four.']);
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content-filter', 'content_filter'],
  ] as const)('end as incomplete after %s', async (finishReason, reason) => {
    const { events, writer } = writing();
    writer.text('It is');
    await writer.end(writer.finish(answered({ text: 'It is', finishReason })));
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { incomplete_details: { reason }, output: [{ status: 'incomplete' }], completed_at: null },
    });
  });

  it('end as failed, in words that are ours', async () => {
    const { events, writer } = writing();
    await writer.end(writer.fail(new Error('SELECT secret')));
    expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.failed']);
    expect(JSON.stringify(events)).not.toContain('SELECT');
    const known = writing().writer.fail(new UnavailableError('all_providers_failed', 'None could answer'));
    expect(known).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: 'None could answer' },
      guildhall: { code: 'all_providers_failed' },
    });
  });
});
