import { BadRequestError } from 'openai';
import { type OpenAiHouse, failing, openAiHouse } from '../e2e/openai-house.js';

const MIB = 1024 * 1024;

describe('large bodies of the openai client', () => {
  let at: OpenAiHouse;

  beforeAll(async () => {
    at = await openAiHouse();
  });
  beforeEach(() => at.model.reset());
  afterEach(() => at.removeProviders());
  afterAll(() => at.stop());

  const image = (bytes: number) => `data:image/png;base64,${'A'.repeat(bytes)}`;

  it('takes pictures of several MiB, for chat and responses', async () => {
    const name = await at.provider();
    at.model.otherwise({ text: 'A cat.' });
    const url = image(4 * MIB);
    const content = [{ type: 'image_url' as const, image_url: { url } }];
    await at.client.chat.completions.create({ model: name, messages: [{ role: 'user', content }] });
    const parts = [{ type: 'input_image' as const, image_url: url, detail: 'auto' as const }];
    const { id } = await at.client.responses.create({ model: name, input: [{ role: 'user', content: parts }] });
    for (const { body } of at.model.requests) expect(JSON.stringify(body.messages)).toContain(url);
    const [item] = (await at.client.responses.inputItems.list(id)).data;
    expect(item).toMatchObject({ content: [{ image_url: url }] });
  });

  it('refuses what is larger than 20 MiB, than 8 MiB to be stored, and than 1 MiB elsewhere', async () => {
    const name = await at.provider();
    at.model.otherwise({ text: 'A cat.' });
    const input = [
      {
        role: 'user' as const,
        content: [{ type: 'input_image' as const, image_url: image(9 * MIB), detail: 'auto' as const }],
      },
    ];
    const stored = await failing(at.client.responses.create({ model: name, input }));
    expect(stored).toBeInstanceOf(BadRequestError);
    expect(stored).toMatchObject({ param: 'input', message: expect.stringContaining('"store": false') });
    await at.client.responses.create({ model: name, input, store: false });
    const large = [{ role: 'user' as const, content: 'x'.repeat(21 * MIB) }];
    expect(await failing(at.client.chat.completions.create({ model: name, messages: large }))).toMatchObject({
      status: 413,
      code: 'payload_too_large',
    });
    const text = 'x'.repeat(2 * MIB);
    expect(await failing(at.client.embeddings.create({ model: name, input: text }))).toMatchObject({ status: 413 });
  });

  it('guards their depth as everywhere', async () => {
    const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
    for (const path of ['chat/completions', 'responses']) {
      const body = `{"model":"default","input":${deep}}`;
      const { status, body: answer } = await at.house.post(`/openai/v1/${path}`, body, {
        headers: { 'content-type': 'application/json' },
      });
      expect([status, answer.error.type]).toEqual([400, 'invalid_request_error']);
    }
  });
});
