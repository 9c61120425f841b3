import type { SpeechModelV4, TranscriptionModelV4 } from '@ai-sdk/provider';
import { type ModelClient, type ProviderConfig, type SpeechCall, ValidationError } from '@guildhall/sdk';
import { withinLimits } from './audio-limits.js';
import { malformed } from './failure.js';

/** What a vendor's adapter of the AI SDK offers for speech. */
interface AudioVendor {
  transcriptionModel(name: string): TranscriptionModelV4;
  speechModel(name: string): SpeechModelV4;
  /** The only ones it speaks; the adapter would silently take another. */
  readonly formats: readonly SpeechCall['format'][];
}

/** The same client, which also hears and speaks. The adapters know audio as a whole only: speech comes in one piece. */
export function withAudioModels<Client extends ModelClient>(
  client: Client,
  config: ProviderConfig,
  vendor: AudioVendor,
): Client {
  return Object.assign(client, {
    transcribe: async ({ model, audio, times, signal }) => {
      if (times) throw untold(config.id, 'response_format', 'tells no times: ask for the text alone');
      return withinLimits(config, signal, false, async (abortSignal) => {
        const { bytes, mediaType } = audio;
        const { text } = await vendor.transcriptionModel(model).doGenerate({ audio: bytes, mediaType, abortSignal });
        return { text };
      });
    },
    speak: async ({ model, text, voice, instructions, speed, format, signal }, onAudio) => {
      if (!vendor.formats.includes(format)) {
        throw untold(config.id, 'response_format', `speaks ${vendor.formats.join(' or ')}: ask for one of them`);
      }
      if (speed !== undefined) throw untold(config.id, 'speed', 'speaks at its own speed: leave speed out');
      return withinLimits(config, signal, false, async (abortSignal) => {
        const options = { text, voice, instructions, outputFormat: format, abortSignal };
        const { audio } = await vendor.speechModel(model).doGenerate(options);
        const bytes = typeof audio === 'string' ? Buffer.from(audio, 'base64') : audio;
        if (bytes.length === 0) throw malformed(config.id, 'has no audio');
        await onAudio(bytes);
        return {};
      });
    },
  } satisfies Partial<ModelClient>);
}

function untold(provider: string, path: string, what: string): ValidationError {
  const message = `Provider '${provider}' ${what}`;
  return new ValidationError(message, [{ path, code: 'unsupported_parameter', message }], 'unsupported_parameter');
}
