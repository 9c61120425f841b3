import type { ModelClient, ProviderConfig, SpeechCall } from '@guildhall/sdk';
import { withinLimits } from '../../ai-sdk/audio-limits.js';
import { malformed } from '../../ai-sdk/failure.js';
import type { AdapterSettings } from '../../ai-sdk/vendor.js';
import { jsonOf, post } from '../post-to-endpoint.js';
import { transcript, transcriptionForm } from './transcribe.js';

/**
 * The same client, which also hears and speaks by OpenAI's endpoints. Not by the AI SDK's models: its package for
 * compatible endpoints has none, and the one for OpenAI's own keeps speech back until its end and drops words' times.
 * Whether the endpoint has them is for the endpoint to say.
 */
export function withAudio<Client extends ModelClient>(
  client: Client,
  config: ProviderConfig,
  settings: AdapterSettings,
): Client {
  const { id } = config;
  return Object.assign(client, {
    transcribe: (call) =>
      withinLimits(config, call.signal, false, async (signal) => {
        const response = await post(id, settings, 'audio/transcriptions', { body: transcriptionForm(call), signal });
        return transcript(id, await jsonOf(id, response));
      }),
    speak: (call, onAudio) =>
      withinLimits(config, call.signal, true, async (signal, deadlines) => {
        const body = JSON.stringify(speechBody(call));
        const headers = { 'content-type': 'application/json' };
        const response = await post(id, settings, 'audio/speech', { body, headers, signal });
        if (!isAudio(response)) throw malformed(id, 'is no audio');
        let total = 0;
        for await (const bytes of response.body ?? []) {
          deadlines.token();
          total += bytes.length;
          await onAudio(bytes);
        }
        if (total === 0) throw malformed(id, 'has no audio');
        return {};
      }),
  } satisfies Partial<ModelClient>);
}

function speechBody({ model, text, voice, instructions, speed, format }: SpeechCall): object {
  return { model, input: text, voice: voice ?? 'alloy', instructions, speed, response_format: format };
}

/** An error that a gateway hides in a success is JSON or HTML. */
function isAudio({ headers }: Response): boolean {
  return !/json|text|html|xml/.test(headers.get('content-type') ?? '');
}
