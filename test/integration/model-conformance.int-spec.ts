import { OutboundGuard } from '../../libs/core/src/http/outbound-guard.js';
import { UndiciOutboundClient } from '../../libs/core/src/http/outbound-undici.client.js';
import { AnthropicProvider } from '../../libs/models/src/providers/anthropic/anthropic.provider.js';
import { GoogleProvider } from '../../libs/models/src/providers/google/google.provider.js';
import { OpenAiCompatibleProvider } from '../../libs/models/src/providers/openai-compatible/openai-compatible.provider.js';
import { OpenAiProvider } from '../../libs/models/src/providers/openai/openai.provider.js';
import { modelProviderConformance } from '../../libs/testing/src/conformance/model-provider.conformance.js';
import { FakeModel } from '../../libs/testing/src/fake-model.js';
import { ANTHROPIC_WIRE } from '../../libs/testing/src/wires/anthropic.wire.js';
import { GOOGLE_WIRE } from '../../libs/testing/src/wires/google.wire.js';

const outbound = new UndiciOutboundClient(new OutboundGuard({ allow: [], ports: [80, 443] }));
afterAll(() => outbound.close());

modelProviderConformance('openai-compatible', {
  connect: (config) => new OpenAiCompatibleProvider(outbound).connect(config),
  server: () => FakeModel.start(),
});

modelProviderConformance('openai', {
  connect: (config) => new OpenAiProvider(outbound).connect(config),
  server: () => FakeModel.start(),
  model: 'gpt-6-luna',
  // OpenAI counts what its models think, and shows none of it.
  reasoning: false,
});

modelProviderConformance('anthropic', {
  connect: (config) => new AnthropicProvider(outbound).connect(config),
  server: () => FakeModel.start(ANTHROPIC_WIRE),
  model: 'claude-haiku-4-5',
  embeddings: false,
});

modelProviderConformance('google', {
  connect: (config) => new GoogleProvider(outbound).connect(config),
  server: () => FakeModel.start(GOOGLE_WIRE),
  model: 'gemini-3.5-flash-lite',
});

it('counts what Anthropic put into its cache, streamed and not', async () => {
  const server = await FakeModel.start(ANTHROPIC_WIRE);
  const usage = { inputTokens: 100, outputTokens: 5, cachedTokens: 20, cacheWriteTokens: 30 };
  server.otherwise({ text: 'Hello', usage });
  const config = { id: 'a', kind: 'any', baseUrl: server.baseUrl, trust: 'operator', models: [] } as const;
  const call = { model: 'm', messages: [{ role: 'user', text: 'Hi' }], signal: AbortSignal.timeout(5000) } as const;
  const client = new AnthropicProvider(outbound).connect(config);
  await expect(client.generate(call)).resolves.toMatchObject({ usage });
  await expect(client.generate(call, () => undefined)).resolves.toMatchObject({ usage });
  await server.stop();
});

it('takes no key from the environment for a provider that has none', async () => {
  const names = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'];
  const before = names.map((name) => process.env[name]);
  const server = await FakeModel.start();
  try {
    for (const name of names) process.env[name] = 'the-operators-key';
    const config = { id: 'theirs', kind: 'any', baseUrl: server.baseUrl, trust: 'operator', models: [] } as const;
    const call = { model: 'm', messages: [{ role: 'user', text: 'Hi' }], signal: AbortSignal.timeout(5000) } as const;
    for (const Provider of [OpenAiCompatibleProvider, OpenAiProvider, AnthropicProvider, GoogleProvider]) {
      await new Provider(outbound)
        .connect(config)
        .generate(call)
        .catch(() => undefined);
    }
    expect(server.requests).toHaveLength(4);
    expect(JSON.stringify(server.requests)).not.toContain('the-operators-key');
  } finally {
    await server.stop();
    names.forEach((name, index) => {
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
    });
  }
});
