import { transcript, transcriptionForm } from './transcribe.js';

const audio = { bytes: new Uint8Array([1, 2]), mediaType: 'audio/wav', fileName: 'a.wav' };
const call = { model: 'ear', audio, signal: new AbortController().signal };

describe('a transcription by OpenAI’s endpoint', () => {
  it('asks for times only where they are wanted', () => {
    expect(transcriptionForm(call).get('response_format')).toBe('json');
    const form = transcriptionForm({ ...call, times: ['segment', 'word'] });
    expect(form.get('response_format')).toBe('verbose_json');
    expect(form.getAll('timestamp_granularities[]')).toEqual(['segment', 'word']);
  });

  it('reads what the vendor tells, tokens where it counts them', () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 };
    expect(transcript('p', { text: 'Hi', usage })).toEqual({
      text: 'Hi',
      usage: { inputTokens: 14, outputTokens: 45, cachedTokens: 0 },
    });
    expect(transcript('p', { text: '', usage: { type: 'duration', seconds: 3 } })).toEqual({ text: '' });
  });

  it.each([
    [null],
    ['text'],
    [{}],
    [{ text: 7 }],
    [{ text: 'Hi', segments: [{ text: 'Hi', start: 0 }] }],
    [{ text: 'Hi', words: [{ text: 'Hi', start: 0, end: 1 }] }],
    [{ text: 'Hi', words: [null] }],
  ])('takes %j for no transcript', (body) => {
    expect(() => transcript('p', body)).toThrow(expect.objectContaining({ code: 'provider_malformed_reply' }));
  });
});
