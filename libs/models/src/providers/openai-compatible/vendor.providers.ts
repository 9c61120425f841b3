import { ModelProvider } from '@guildhall/sdk';
import { OpenAiCompatibleProvider } from './openai-compatible.provider.js';

@ModelProvider({ kind: 'huggingface', description: 'Hugging Face inference providers' })
export class HuggingFaceProvider extends OpenAiCompatibleProvider {}

@ModelProvider({ kind: 'local', description: 'A model server of your own: vLLM, Ollama, llama.cpp' })
export class LocalProvider extends OpenAiCompatibleProvider {}
