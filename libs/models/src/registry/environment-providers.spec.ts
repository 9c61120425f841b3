import type { Settings } from '@guildhall/core';
import { environmentProviders } from './environment-providers.js';

const providers = (settings: Partial<Settings>) =>
  Object.fromEntries(environmentProviders(settings as Settings).map((provider) => [provider.config.id, provider]));

describe('environmentProviders', () => {
  it('has only the built-in provider ready when nothing is set, and says what the others need', () => {
    const all = providers({});
    expect(all['builtin']).toMatchObject({ source: 'builtin', config: { models: [{ name: 'extractive' }] } });
    const missing = Object.values(all).filter(({ unavailable }) => unavailable !== undefined);
    expect(missing.map(({ unavailable }) => /Set (\w+)/.exec(unavailable!)?.[1]).toSorted()).toEqual([
      'ANTHROPIC_API_KEY',
      'GOOGLE_API_KEY',
      'GROQ_API_KEY',
      'HF_TOKEN',
      'LOCAL_LLM_BASE_URL',
      'OPENAI_API_KEY',
      'TOGETHER_API_KEY',
    ]);
  });

  it('needs one key for a vendor, at its own address', () => {
    const { groq } = providers({ GROQ_API_KEY: 'k' });
    expect(groq).toMatchObject({
      config: { apiKey: 'k', baseUrl: 'https://api.groq.com/openai/v1', trust: 'operator', priority: 1 },
    });
    expect(groq).not.toHaveProperty('unavailable');
  });

  it('takes another address, which may need no key', () => {
    const { openai, local } = providers({
      OPENAI_BASE_URL: 'https://gateway.example.org/v1',
      LOCAL_LLM_BASE_URL: 'http://127.0.0.1:11434/v1',
    });
    expect(openai).toMatchObject({ config: { baseUrl: 'https://gateway.example.org/v1' } });
    expect(openai).not.toHaveProperty('unavailable');
    expect(local).toMatchObject({ config: { baseUrl: 'http://127.0.0.1:11434/v1', models: [] } });
    expect(local!.config).not.toHaveProperty('apiKey');
  });

  it('takes several keys of a vendor, each once', () => {
    const { groq, openai } = providers({ GROQ_API_KEY: 'k1', GROQ_API_KEYS: ['k1', 'k2'], OPENAI_API_KEYS: ['k3'] });
    expect(groq!.config).toMatchObject({ apiKey: 'k1', endpoints: [{ apiKey: 'k1' }, { apiKey: 'k2' }] });
    expect(openai!.config).toMatchObject({ endpoints: [{ apiKey: 'k3' }] });
    expect([groq, openai].map((provider) => provider!.unavailable)).toEqual([undefined, undefined]);
    expect(providers({ GROQ_API_KEY: 'k1' })['groq']!.config).not.toHaveProperty('endpoints');
    expect(providers({ GROQ_API_KEY: 'one,key' })['groq']!.config).toMatchObject({ apiKey: 'one,key' });
  });

  it('does not send a local server’s key anywhere without its address', () => {
    expect(providers({ LOCAL_LLM_API_KEY: 'k' })['local']).toHaveProperty('unavailable');
  });

  it('tries Groq, Together, local and Hugging Face in this order of priority', () => {
    const order = environmentProviders({} as Settings).toSorted((a, b) => a.config.priority! - b.config.priority!);
    expect(order.slice(0, 4).map(({ config }) => config.id)).toEqual(['groq', 'together', 'local', 'huggingface']);
    expect(order.at(-1)?.config.id).toBe('builtin');
  });
});
