import type { Settings } from '@guildhall/core';
import type { ProviderModel } from '@guildhall/sdk';

/** A vendor that an environment variable is enough to configure. */
export interface KnownVendor {
  readonly id: string;
  readonly kind: string;
  /** Where its API begins. Absent: the operator names one. */
  readonly baseUrl?: string;
  readonly keySetting: keyof Settings;
  /** More keys than one, for those that sell limits by the key. */
  readonly keysSetting?: keyof Settings;
  readonly urlSetting: keyof Settings;
  readonly priority: number;
  /** The first is what `route: "default"` takes. List prices; what a contract says goes into a stored provider. */
  readonly models: readonly ProviderModel[];
}

/** In dollars per million tokens, as vendors print their prices; `cached` as input where they print none. */
const model = (name: string, contextTokens: number, input: number, output: number, cached?: number): ProviderModel => ({
  name,
  contextTokens,
  inputPricePerMTok: microUsd(input),
  ...(cached === undefined ? {} : { cachedInputPricePerMTok: microUsd(cached) }),
  outputPricePerMTok: microUsd(output),
});

const microUsd = (usd: number): number => Math.round(usd * 1_000_000);

// Models and prices as of November 2026, for prompts of ordinary length: some vendors charge more for very long ones.
export const KNOWN_VENDORS: readonly KnownVendor[] = [
  {
    id: 'groq',
    kind: 'openai-compatible',
    baseUrl: 'https://api.groq.com/openai/v1',
    keySetting: 'GROQ_API_KEY',
    keysSetting: 'GROQ_API_KEYS',
    urlSetting: 'GROQ_BASE_URL',
    priority: 1,
    models: [model('openai/gpt-oss-120b', 131_072, 0.15, 0.6), model('openai/gpt-oss-20b', 131_072, 0.075, 0.3)],
  },
  {
    id: 'together',
    kind: 'openai-compatible',
    baseUrl: 'https://api.together.xyz/v1',
    keySetting: 'TOGETHER_API_KEY',
    keysSetting: 'TOGETHER_API_KEYS',
    urlSetting: 'TOGETHER_BASE_URL',
    priority: 2,
    models: [model('openai/gpt-oss-120b', 131_072, 0.15, 0.6)],
  },
  {
    id: 'local',
    kind: 'local',
    keySetting: 'LOCAL_LLM_API_KEY',
    urlSetting: 'LOCAL_LLM_BASE_URL',
    priority: 3,
    // The endpoint is asked for what it serves.
    models: [],
  },
  {
    id: 'huggingface',
    kind: 'huggingface',
    baseUrl: 'https://router.huggingface.co/v1',
    keySetting: 'HF_TOKEN',
    keysSetting: 'HF_TOKENS',
    urlSetting: 'HF_BASE_URL',
    priority: 4,
    // What it costs depends on who serves it, which the router decides call by call.
    models: [{ name: 'openai/gpt-oss-120b', contextTokens: 131_072 }],
  },
  {
    id: 'openai',
    kind: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    keySetting: 'OPENAI_API_KEY',
    keysSetting: 'OPENAI_API_KEYS',
    urlSetting: 'OPENAI_BASE_URL',
    priority: 5,
    models: [model('gpt-6-luna', 1_050_000, 0.1, 0.5, 0.01), model('gpt-6-sol', 1_050_000, 2, 10, 0.2)],
  },
  {
    id: 'anthropic',
    kind: 'anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    keySetting: 'ANTHROPIC_API_KEY',
    keysSetting: 'ANTHROPIC_API_KEYS',
    urlSetting: 'ANTHROPIC_BASE_URL',
    priority: 6,
    // What it caches for five minutes costs a quarter more than other input.
    models: [{ ...model('claude-haiku-4-5', 200_000, 1, 5, 0.1), cacheWritePricePerMTok: microUsd(1.25) }],
  },
  {
    id: 'google',
    kind: 'google',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    keySetting: 'GOOGLE_API_KEY',
    keysSetting: 'GOOGLE_API_KEYS',
    urlSetting: 'GOOGLE_BASE_URL',
    priority: 7,
    models: [model('gemini-3.5-flash-lite', 1_048_576, 0.3, 2.5, 0.03)],
  },
];
