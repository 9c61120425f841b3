import type { ModelClient, ProviderConfig, SpeechCall } from '@guildhall/sdk';
import { withinLimits } from '../../ai-sdk/audio-limits.js';
import { malformed } from '../../ai-sdk/failure.js';
import { KeyEcho } from '../../ai-sdk/key-echo.js';
import type { AdapterSettings } from '../../ai-sdk/vendor.js';
import { refusal } from '../forward/refusal.js';
import { transcript, transcriptionForm } from './transcribe.js';

/** Of a refusal: enough for its code. */
const MAX_REFUSAL = 64 * 1024;
const NOT_THERE: ReadonlySet<number> = new Set([404, 405, 501]);

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
        const response = await post(id, settings, 'transcriptions', { body: transcriptionForm(call), signal });
        return transcript(id, await jsonOf(id, response));
      }),
    speak: (call, onAudio) =>
      withinLimits(config, call.signal, true, async (signal, deadlines) => {
        const body = JSON.stringify(speechBody(call));
        const headers = { 'content-type': 'application/json' };
        const response = await post(id, settings, 'speech', { body, headers, signal });
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

async function post(
  provider: string,
  { baseURL, apiKey, fetch }: AdapterSettings,
  path: string,
  { headers = {}, ...init }: { body: FormData | string; headers?: Record<string, string>; signal: AbortSignal },
): Promise<Response> {
  const response = await fetch(`${baseURL}/audio/${path}`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${apiKey}`, 'user-agent': 'guildhall' },
    ...init,
  });
  if (response.ok) return response;
  const said = (await response.text()).slice(0, MAX_REFUSAL);
  // An endpoint without audio is a healthy one: what it says of a path it does not have must not count against it.
  const status = NOT_THERE.has(response.status) ? 404 : response.status;
  const words = new KeyEcho(apiKey).isIn(Buffer.from(said)) ? '' : said;
  throw refusal(provider, status, Object.fromEntries(response.headers), words);
}

async function jsonOf(provider: string, response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed(provider, 'cannot be understood');
  }
}

function speechBody({ model, text, voice, instructions, speed, format }: SpeechCall): object {
  return { model, input: text, voice: voice ?? 'alloy', instructions, speed, response_format: format };
}

/** An error that a gateway hides in a success is JSON or HTML. */
function isAudio({ headers }: Response): boolean {
  return !/json|text|html|xml/.test(headers.get('content-type') ?? '');
}
