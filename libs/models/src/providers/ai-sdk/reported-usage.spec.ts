import { ReportedUsage } from './reported-usage.js';

const last = (...events: unknown[]) => {
  const usage = new ReportedUsage();
  return events.map((event) => usage.read(event)).findLast((found) => found !== undefined);
};

describe('what a stream says of usage before it ends', () => {
  it('is read from OpenAI’s events', () => {
    const usage = { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } };
    expect(last({ choices: [] }, { choices: [], usage: null }, { choices: [], usage })).toEqual({
      inputTokens: 7,
      outputTokens: 3,
      cachedTokens: 2,
    });
  });

  it('is read from Anthropic’s start of a message, and from its end', () => {
    const counts = { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 3, output_tokens: 1 };
    const start = { type: 'message_start', message: { usage: counts } };
    const known = { inputTokens: 18, outputTokens: 1, cachedTokens: 5, cacheWriteTokens: 3 };
    expect(last(start, { type: 'content_block_delta', delta: { text: 'Hi' } })).toEqual(known);
    expect(last(start, { type: 'message_delta', usage: { output_tokens: 9 } })).toEqual({ ...known, outputTokens: 9 });
    expect(last({ type: 'message_delta', usage: { output_tokens: 9 } })).toBeUndefined();
  });

  it('is read from each of Google’s events', () => {
    const usageMetadata = {
      promptTokenCount: 8,
      candidatesTokenCount: 4,
      thoughtsTokenCount: 2,
      cachedContentTokenCount: 1,
    };
    expect(last({ candidates: [], usageMetadata })).toEqual({
      inputTokens: 8,
      outputTokens: 6,
      cachedTokens: 1,
      reasoningTokens: 2,
    });
  });

  it.each([
    [undefined],
    ['[DONE]'],
    [{ usage: 'much' }],
    [{ usage: { output_tokens: -1 } }],
    [{ usageMetadata: null }],
  ])('is nothing in %o', (event) => {
    expect(last(event)).toBeUndefined();
  });
});
