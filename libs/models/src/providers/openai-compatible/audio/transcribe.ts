import type { TimedText, TranscriptionCall, TranscriptionReply } from '@guildhall/sdk';
import { malformed } from '../../ai-sdk/failure.js';
import { fieldsOf, reportedCount } from '../forward/wire-usage.js';

type Fields = Readonly<Record<string, unknown>>;

/** The form of `POST /audio/transcriptions`. The vendor knows the audio by the name of its file. */
export function transcriptionForm(call: TranscriptionCall): FormData {
  const { model, audio, language, prompt, temperature, times } = call;
  const form = new FormData();
  form.append('model', model);
  form.append('response_format', times ? 'verbose_json' : 'json');
  if (language !== undefined) form.append('language', language);
  if (prompt !== undefined) form.append('prompt', prompt);
  if (temperature !== undefined) form.append('temperature', String(temperature));
  for (const one of times ?? []) form.append('timestamp_granularities[]', one);
  const { buffer, byteOffset, byteLength } = audio.bytes;
  // A view: minutes of sound are not copied once more.
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  form.append('file', new Blob([bytes], { type: audio.mediaType }), audio.fileName);
  return form;
}

/** Throws `provider_malformed_reply` where it is no transcript. */
export function transcript(provider: string, body: unknown): TranscriptionReply {
  const { text, language, duration, segments, words, usage } = fieldsOf(body);
  if (typeof text !== 'string') throw malformed(provider, 'is no transcript');
  return {
    text,
    ...(typeof language === 'string' ? { language } : {}),
    ...(typeof duration === 'number' ? { durationSeconds: duration } : {}),
    ...(Array.isArray(segments) ? { segments: segments.map((one) => timed(provider, fieldsOf(one), 'text')) } : {}),
    ...(Array.isArray(words) ? { words: words.map((one) => timed(provider, fieldsOf(one), 'word')) } : {}),
    ...counted(fieldsOf(usage)),
  };
}

function timed(provider: string, piece: Fields, key: string): TimedText {
  const { [key]: text, start, end } = piece;
  if (typeof text === 'string' && typeof start === 'number' && typeof end === 'number') return { text, start, end };
  throw malformed(provider, 'has no times where it should');
}

/** Newer models count tokens, older ones charge by the minute. */
function counted({ input_tokens: input, output_tokens: output }: Fields): Pick<TranscriptionReply, 'usage'> {
  const [inputTokens, outputTokens] = [reportedCount(input), reportedCount(output)];
  if (inputTokens === undefined || outputTokens === undefined) return {};
  return { usage: { inputTokens, outputTokens, cachedTokens: 0 } };
}
