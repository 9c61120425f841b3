import { CANARY, type Subject, everythingIn } from './subject.js';

/** Sentences about embeddings, for vendors that have them. */
export function describeEmbeddings(subject: Subject): void {
  const embed = (texts: readonly string[], signal = new AbortController().signal) =>
    subject.client().embed!('e', texts, signal);

  it('turns texts into vectors, in order, and counts what that cost', async () => {
    subject.server.script({
      embeddings: [
        [1, 0],
        [0, 1],
      ],
      usage: { inputTokens: 4, outputTokens: 0 },
    });
    const { vectors, usage } = await embed(['left side', 'right side']);
    expect(vectors).toEqual([
      [1, 0],
      [0, 1],
    ]);
    // Some vendors do not count; none may make it up.
    expect(usage ?? { inputTokens: 4 }).toEqual({ inputTokens: 4 });
    for (const text of ['left side', 'right side']) expect(subject.lastBody).toContain(text);
  });

  it('turns one text into one vector', async () => {
    subject.server.script({ embeddings: [[0.5, 0.25]] });
    await expect(embed(['alone'])).resolves.toMatchObject({ vectors: [[0.5, 0.25]] });
  });

  it('takes another number of vectors for no answer', async () => {
    subject.server.script({ embeddings: [[1, 0]] });
    await expect(embed(['a', 'b'])).rejects.toMatchObject({ code: 'provider_malformed_reply', provider: 'vendor' });
  });

  it('names a failure in our words', async () => {
    subject.server.script({ status: 429, retryAfter: 2, message: CANARY });
    const error: unknown = await embed(['a', 'b']).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ category: 'rate_limit', retryAfterMs: 2000, provider: 'vendor' });
    expect(everythingIn(error)).not.toContain(CANARY);
  });

  it('gives way to the caller’s cancellation', async () => {
    await expect(embed(['a'], AbortSignal.abort(new Error('the client left')))).rejects.toThrow('the client left');
  });
}
