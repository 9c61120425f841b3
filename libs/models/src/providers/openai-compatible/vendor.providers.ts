import { ModelProvider } from '@guildhall/sdk';
import { OpenAiCompatibleProvider } from './openai-compatible.provider.js';

@ModelProvider({ kind: 'openai', description: 'OpenAI' })
export class OpenAiProvider extends OpenAiCompatibleProvider {}

@ModelProvider({ kind: 'anthropic', description: 'Anthropic, at its OpenAI-compatible endpoint' })
export class AnthropicProvider extends OpenAiCompatibleProvider {}

@ModelProvider({ kind: 'google', description: 'Google Gemini, at its OpenAI-compatible endpoint' })
export class GoogleProvider extends OpenAiCompatibleProvider {}

@ModelProvider({ kind: 'huggingface', description: 'Hugging Face inference providers' })
export class HuggingFaceProvider extends OpenAiCompatibleProvider {}

@ModelProvider({ kind: 'local', description: 'A model server of your own: vLLM, Ollama, llama.cpp' })
export class LocalProvider extends OpenAiCompatibleProvider {}
