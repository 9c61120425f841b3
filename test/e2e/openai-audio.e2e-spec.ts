import OpenAI, { APIError, toFile } from 'openai';
import {
  ANTHROPIC_WIRE,
  FakeModel,
  type FakeModelFile,
  GOOGLE_WIRE,
  type TestTenant,
  type WireFormat,
  testTenant,
} from '@guildhall/testing';

const CANARY = 'sk-canary-9b1d7c3e5f024a68';
const SPEECH = Buffer.from('RIFF….WAVEfmt what was said');
const TIMES = {
  language: 'english',
  duration: 2.5,
  segments: [{ id: 0, seek: 0, start: 0, end: 2.5, text: ' Good day.', avg_logprob: -0.1 }],
  words: [{ word: 'Good', start: 0, end: 0.5 }],
};
const file = () => toFile(SPEECH, 'question.wav', { type: 'audio/wav' });

describe('audio, for the openai client unmodified', () => {
  let house: TestTenant;
  let client: OpenAI;
  const vendors: Record<string, FakeModel> = {};
  let providers = 0;

  beforeAll(async () => {
    house = await testTenant();
    client = new OpenAI({ baseURL: `${house.url}/openai/v1`, apiKey: house.apiKey, maxRetries: 0 });
    const wires: readonly (readonly [string, string, WireFormat?])[] = [
      ['openai', 'openai'],
      ['groq', 'openai-compatible'],
      ['google', 'google', GOOGLE_WIRE],
      ['anthropic', 'anthropic', ANTHROPIC_WIRE],
    ];
    for (const [id, kind, wire] of wires) {
      const vendor = await FakeModel.start(wire);
      vendors[id] = vendor;
      const models = [{ name: 'ear' }];
      await house.post('/api/v1/providers', { id, kind, baseUrl: vendor.baseUrl, apiKey: CANARY, models });
    }
  });
  beforeEach(() => Object.values(vendors).forEach((vendor) => vendor.reset()));
  afterAll(async () => {
    await house.close();
    await Promise.all(Object.values(vendors).map((vendor) => vendor.stop()));
  });

  const failing = async (call: PromiseLike<unknown>): Promise<APIError> => {
    const error = await Promise.resolve(call).then(
      (value) => value,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(APIError);
    expect(JSON.stringify(error) + String(error)).not.toContain(CANARY);
    return error as APIError;
  };
  /** A provider of the test's own, with a breaker of its own. */
  const untried = async (): Promise<string> => {
    const id = `untried-${++providers}`;
    const models = [{ name: 'ear' }];
    const { baseUrl } = vendors['groq']!;
    await house.post('/api/v1/providers', { id, kind: 'openai-compatible', baseUrl, apiKey: CANARY, models });
    return `${id}/ear`;
  };
  const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

  describe('a transcription', () => {
    it.each(['openai', 'groq', 'google'])('is the text of the speech (%s)', async (id) => {
      vendors[id]!.script({ transcript: { text: 'Good day.' } });
      const transcript = await client.audio.transcriptions.create({ model: `${id}/ear`, file: await file() });
      expect(transcript).toMatchObject({ text: 'Good day.' });
    });

    it('hands the vendor the file as it is, and what helps to understand it', async () => {
      vendors['groq']!.script({ transcript: { text: 'Good day.' } });
      const help = { language: 'en', prompt: 'A greeting', temperature: 0.2 };
      await client.audio.transcriptions.create({ model: 'groq/ear', file: await file(), ...help });
      const { path, headers, body } = vendors['groq']!.requests[0]!;
      expect(path).toBe('/v1/audio/transcriptions');
      expect(headers.authorization).toBe(`Bearer ${CANARY}`);
      expect(body).toMatchObject({
        model: 'ear',
        response_format: 'json',
        language: 'en',
        prompt: 'A greeting',
        temperature: '0.2',
      });
      const sent = body['file'] as FakeModelFile;
      expect([sent.name, sent.type]).toEqual(['question.wav', 'audio/wav']);
      expect(Buffer.from(sent.bytes).equals(SPEECH)).toBe(true);
    });

    it('comes as plain text, or with its times, where that is asked for', async () => {
      vendors['openai']!.otherwise({ transcript: { text: 'Good day.', ...TIMES } });
      const request = { model: 'openai/ear', file: await file() };
      const text = await client.audio.transcriptions.create({ ...request, response_format: 'text' });
      expect(text).toBe('Good day.\n');
      const timed = await client.audio.transcriptions.create({
        ...request,
        response_format: 'verbose_json',
        timestamp_granularities: ['segment', 'word'],
      });
      expect(timed).toMatchObject({
        task: 'transcribe',
        language: 'english',
        duration: 2.5,
        text: 'Good day.',
        segments: [{ id: 0, start: 0, end: 2.5, text: ' Good day.' }],
        words: [{ word: 'Good', start: 0, end: 0.5 }],
      });
      expect(vendors['openai']!.requests[1]!.body).toMatchObject({ response_format: 'verbose_json' });
    });

    it('is refused where it cannot be what was asked for', async () => {
      const ask = async (fields: object) =>
        failing(client.audio.transcriptions.create({ model: 'openai/ear', file: await file(), ...fields } as never));
      const refusals = [
        await ask({ response_format: 'srt' }),
        await ask({ timestamp_granularities: ['letter'] }),
        await ask({ temperature: 'warm' }),
        await ask({ model: 'default' }),
        await ask({ model: 'agent/support' }),
        await ask({ include: ['logprobs'] }),
        await ask({ model: 'google/ear', response_format: 'verbose_json' }),
      ];
      expect(refusals.map(({ status, param }) => [status, param])).toEqual([
        [400, 'response_format'],
        [400, 'timestamp_granularities'],
        [400, 'temperature'],
        [400, 'model'],
        [400, 'model'],
        [400, 'include'],
        [400, 'response_format'],
      ]);
      expect(await ask({ model: 'nobody/ear' })).toMatchObject({ status: 404, code: 'model_not_found' });
      expect(Object.values(vendors).flatMap(({ requests }) => requests)).toEqual([]);
    });

    it('needs a form with one file in it, of up to 25 MiB', async () => {
      const post = (body: FormData | string, more: object = {}) =>
        fetch(`${house.url}/openai/v1/audio/transcriptions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${house.apiKey}`, ...more },
          body,
        });
      const form = (...files: (readonly [string, Blob])[]) => {
        const made = new FormData();
        made.append('model', 'openai/ear');
        for (const [name, blob] of files) made.append(name, blob, 'a.wav');
        return made;
      };
      const audio = new Blob([SPEECH]);
      const answers = await Promise.all([
        post('{"model":"openai/ear"}', { 'content-type': 'application/json' }),
        post(form()),
        post(form(['file', audio], ['file', audio])),
        post(form(['file', new Blob([])])),
        post(form(['file', new Blob([Buffer.alloc(25 * 1024 * 1024 + 1)])])),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([415, 400, 400, 400, 413]);
      for (const answer of answers)
        expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    });
  });

  describe('speech', () => {
    it.each(['openai', 'groq'])('comes as bytes, as the vendor speaks them (%s)', async (id) => {
      vendors[id]!.script({ audio: [Buffer.from('ID3 first '), Buffer.from('second')] });
      const request = { model: `${id}/ear`, input: 'Good day.', voice: 'nova', instructions: 'Gently', speed: 1.5 };
      const response = await client.audio.speech.create(request);
      expect(response.headers.get('content-type')).toBe('audio/mpeg');
      expect((await bytesOf(response)).toString()).toBe('ID3 first second');
      const { path, body } = vendors[id]!.requests[0]!;
      expect(path).toBe('/v1/audio/speech');
      expect(body).toEqual({ ...request, model: 'ear', response_format: 'mp3' });
    });

    it('is heard while the vendor still speaks', async () => {
      const { promise: heard, resolve } = Promise.withResolvers<void>();
      vendors['openai']!.script({ audio: [Buffer.from('first'), heard, Buffer.from(' last')] });
      const response = await client.audio.speech.create({ model: 'openai/ear', input: 'Good day.', voice: 'nova' });
      const pieces: string[] = [];
      for await (const piece of response.body!) {
        pieces.push(Buffer.from(piece).toString());
        resolve();
      }
      expect(pieces.join('')).toBe('first last');
      expect(pieces[0]).toBe('first');
    });

    it('of Google is wav or pcm', async () => {
      const data = Buffer.alloc(100).toString('base64');
      const inlineData = { mimeType: 'audio/L16;rate=24000', data };
      vendors['google']!.script({ raw: JSON.stringify({ candidates: [{ content: { parts: [{ inlineData }] } }] }) });
      const request = { model: 'google/gemini-2.5-flash-preview-tts', input: 'Good day.', voice: 'Kore' };
      const response = await client.audio.speech.create({ ...request, response_format: 'wav' });
      expect(response.headers.get('content-type')).toBe('audio/wav');
      const bytes = await bytesOf(response);
      expect([bytes.subarray(0, 4).toString(), bytes.length]).toEqual(['RIFF', 144]);
      const refused = await failing(client.audio.speech.create(request));
      expect(refused).toMatchObject({ status: 400, param: 'response_format' });
      expect(refused.message).toContain('wav or pcm');
    });

    it('that breaks off is cut, and never passes for whole', async () => {
      vendors['openai']!.script({ audio: [Buffer.from('first')], end: 'cut' });
      const response = await client.audio.speech.create({ model: 'openai/ear', input: 'Good day.', voice: 'nova' });
      await expect(response.arrayBuffer()).rejects.toThrow();
    });

    it('is refused where it cannot be what was asked for', async () => {
      const ask = (fields: object) =>
        failing(client.audio.speech.create({ model: 'openai/ear', input: 'Hi', voice: 'nova', ...fields } as never));
      const refusals = [
        await ask({ input: '  ' }),
        await ask({ voice: 7 }),
        await ask({ speed: 9 }),
        await ask({ response_format: 'midi' }),
        await ask({ stream_format: 'sse' }),
        await ask({ model: 'agent/support' }),
      ];
      expect(refusals.map(({ status, param }) => [status, param])).toEqual([
        [400, 'input'],
        [400, 'voice'],
        [400, 'speed'],
        [400, 'response_format'],
        [400, 'stream_format'],
        [400, 'model'],
      ]);
    });
  });

  it.each(['anthropic/ear', 'builtin/extractive'])('%s has none of it, and says who has', async (model) => {
    const calls = [
      await failing(client.audio.transcriptions.create({ model, file: await file() })),
      await failing(client.audio.speech.create({ model, input: 'Hi', voice: 'nova' })),
    ];
    for (const { status, param, message } of calls) {
      expect([status, param]).toEqual([400, 'model']);
      expect(message).toContain('openai-compatible');
    }
  });

  it.each([
    ['a wrong key', { status: 401, message: `bad key ${CANARY}` }, 502],
    ['an endpoint that has it not', { status: 404, message: 'no such path' }, 404],
    ['an endpoint that does not build it', { status: 501 }, 404],
    ['a server that is down', { status: 503 }, 502],
    ['a file it cannot read', { status: 400, message: `cannot read ${CANARY}` }, 400],
    ['what is no audio, and no transcript', { raw: '{"error":"busy"}' }, 502],
    ['what is not even JSON', { raw: '<html>', contentType: 'text/html' }, 502],
  ])('tells a failure of the vendor as OpenAI would: %s', async (_, reply, status) => {
    vendors['groq']!.otherwise(reply);
    const heard = await failing(client.audio.transcriptions.create({ model: await untried(), file: await file() }));
    const spoken = await failing(client.audio.speech.create({ model: await untried(), input: 'Hi', voice: 'nova' }));
    expect([heard.status, spoken.status]).toEqual([status, status]);
  });

  it('is counted: its tokens where the vendor tells them, else the call alone', async () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 };
    const model = await untried();
    vendors['groq']!.script(
      { raw: JSON.stringify({ text: 'Good day.', usage }) },
      { transcript: { text: 'Good day.' } },
      { audio: [SPEECH] },
    );
    await client.audio.transcriptions.create({ model, file: await file() });
    await client.audio.transcriptions.create({ model, file: await file() });
    await bytesOf(await client.audio.speech.create({ model, input: 'Hi', voice: 'nova' }));
    const { body } = await house.get('/api/v1/usage?groupBy=provider');
    const [id] = model.split('/');
    expect(body.data).toContainEqual(
      expect.objectContaining({ provider: id, calls: 3, unreportedCalls: 2, inputTokens: 14, outputTokens: 45 }),
    );
  });

  it('needs a key that may spend', async () => {
    const { body } = await house.post('/api/v1/api-keys', { name: 'reader', scopes: ['models:read'] });
    const reader = new OpenAI({ baseURL: `${house.url}/openai/v1`, apiKey: body.data.key, maxRetries: 0 });
    const heard = await failing(reader.audio.transcriptions.create({ model: 'groq/ear', file: await file() }));
    expect(heard).toMatchObject({ status: 403, type: 'permission_error' });
  });
});
