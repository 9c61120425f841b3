import type { ModelClient } from '@guildhall/sdk';
import { withTokens } from './embed-tokens.js';

const { signal } = new AbortController();
const NO_CHAT: ModelClient = { generate: () => Promise.reject(new Error('not asked')) };

function endpoint(answer: object, status = 200) {
  const sent: { url: string; body: unknown }[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    sent.push({ url: String(url), body: JSON.parse(String(init?.body)) });
    return Response.json(answer, { status });
  };
  const config = { id: 'vendor', kind: 'openai-compatible', models: [] };
  const client = withTokens(NO_CHAT, config, { baseURL: 'https://llm.example.org/v1', apiKey: 'k', fetch });
  return { sent, embed: (tokens: number[][]) => client.embedTokens!('e', tokens, signal) };
}

describe('embeddings of tokens', () => {
  it('are asked of the vendor as they came', async () => {
    const answer = { data: [{ embedding: [1, 0] }, { embedding: [0, 1] }], usage: { prompt_tokens: 5 } };
    const { sent, embed } = endpoint(answer);
    await expect(embed([[1, 2], [3]])).resolves.toEqual({
      vectors: [
        [1, 0],
        [0, 1],
      ],
      usage: { inputTokens: 5 },
    });
    const body = { model: 'e', input: [[1, 2], [3]], encoding_format: 'float' };
    expect(sent).toEqual([{ url: 'https://llm.example.org/v1/embeddings', body }]);
  });

  it('are not counted where the vendor does not count', async () => {
    await expect(endpoint({ data: [{ embedding: [1] }] }).embed([[1]])).resolves.toEqual({ vectors: [[1]] });
  });

  it.each([
    ['too few vectors', { data: [] }],
    ['a vector that is none', { data: [{ embedding: ['a'] }] }],
    ['no vectors', {}],
  ])('refuse %s', async (_what, answer) => {
    await expect(endpoint(answer).embed([[1]])).rejects.toMatchObject({ code: 'provider_malformed_reply' });
  });

  it('say what the vendor refused', async () => {
    const refused = endpoint({ error: { code: 'invalid_tokens' } }, 400).embed([[1]]);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_tokens', category: 'validation', provider: 'vendor' });
  });
});
