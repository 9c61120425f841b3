import type { Settings } from '@guildhall/core';
import type { ProviderModel } from '@guildhall/sdk';

/** A vendor that an environment variable is enough to configure. */
export interface KnownVendor {
  readonly id: string;
  readonly kind: string;
  /** Where its API begins. Absent: the operator names one. */
  readonly baseUrl?: string;
  readonly keySetting: keyof Settings;
  readonly urlSetting: keyof Settings;
  readonly priority: number;
  /** The first is what `route: "default"` takes. List prices; what a contract says goes into a stored provider. */
  readonly models: readonly ProviderModel[];
}

const model = (
  name: string,
  input: number,
  cached: number,
  output: number,
  contextTokens = 128_000,
): ProviderModel => ({
  name,
  contextTokens,
  inputPricePerMTok: input,
  cachedInputPricePerMTok: cached,
  outputPricePerMTok: output,
});

export const KNOWN_VENDORS: readonly KnownVendor[] = [
  {
    id: 'groq',
    kind: 'openai-compatible',
    baseUrl: 'https://api.groq.com/openai/v1',
    keySetting: 'GROQ_API_KEY',
    urlSetting: 'GROQ_BASE_URL',
    priority: 1,
    models: [
      model('llama-3.3-70b-versatile', 590_000, 590_000, 790_000),
      model('llama-3.1-8b-instant', 50_000, 50_000, 80_000),
    ],
  },
  {
    id: 'together',
    kind: 'openai-compatible',
    baseUrl: 'https://api.together.xyz/v1',
    keySetting: 'TOGETHER_API_KEY',
    urlSetting: 'TOGETHER_BASE_URL',
    priority: 2,
    models: [model('meta-llama/Llama-3.3-70B-Instruct-Turbo', 880_000, 880_000, 880_000)],
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
    urlSetting: 'HF_BASE_URL',
    priority: 4,
    models: [{ name: 'meta-llama/Llama-3.3-70B-Instruct', contextTokens: 128_000 }],
  },
  {
    id: 'openai',
    kind: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    keySetting: 'OPENAI_API_KEY',
    urlSetting: 'OPENAI_BASE_URL',
    priority: 5,
    models: [
      model('gpt-4.1-mini', 400_000, 100_000, 1_600_000, 1_000_000),
      model('gpt-4.1', 2_000_000, 500_000, 8_000_000, 1_000_000),
    ],
  },
  {
    id: 'anthropic',
    kind: 'anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    keySetting: 'ANTHROPIC_API_KEY',
    urlSetting: 'ANTHROPIC_BASE_URL',
    priority: 6,
    models: [model('claude-haiku-4-5', 1_000_000, 100_000, 5_000_000, 200_000)],
  },
  {
    id: 'google',
    kind: 'google',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    keySetting: 'GOOGLE_API_KEY',
    urlSetting: 'GOOGLE_BASE_URL',
    priority: 7,
    models: [model('gemini-2.5-flash', 300_000, 75_000, 2_500_000, 1_000_000)],
  },
];
