import type { AppError } from '@guildhall/sdk';
import type { FakeReply } from '../fake-model-script.js';
import { CANARY, MODES, type Mode, type Subject, everythingIn } from './subject.js';

const FLOOD = 64 * 1024 * 1024;
const MAX_TAKEN = 16 * 1024 * 1024;

const MALFORMED: Partial<AppError> = { code: 'provider_malformed_reply', category: 'upstream', retryable: true };
const UNAVAILABLE: Partial<AppError> = { code: 'provider_unavailable', category: 'upstream', retryable: true };
const html = { raw: `<html>${CANARY}</html>`, contentType: 'text/html' };

const ANSWERS: readonly (readonly [what: string, reply: FakeReply, error: Partial<AppError>])[] = [
  ['400', { status: 400, message: `bad ${CANARY}` }, { code: 'provider_refused', retryable: false }],
  ['401', { status: 401, message: `bad key ${CANARY}` }, { code: 'provider_unavailable', retryable: false }],
  ['404', { status: 404, message: CANARY }, { code: 'provider_refused', retryable: false }],
  ['429', { status: 429, message: CANARY }, { category: 'rate_limit', retryable: true, retryAfterMs: undefined }],
  ['429 with Retry-After', { status: 429, retryAfter: 2 }, { category: 'rate_limit', retryAfterMs: 2000 }],
  ['500', { status: 500, message: `at /srv ${CANARY}` }, UNAVAILABLE],
  ['503', { status: 503, message: CANARY }, UNAVAILABLE],
  ['503 with Retry-After', { status: 503, retryAfter: 3 }, { ...UNAVAILABLE, retryAfterMs: 3000 }],
  ['529', { status: 529, message: CANARY }, UNAVAILABLE],
  ['a connection that drops', { drop: true }, UNAVAILABLE],
  ['malformed JSON', { raw: `{"oops ${CANARY}` }, MALFORMED],
  ['JSON of another kind', { raw: `{"hello":"${CANARY}"}` }, MALFORMED],
  ['another content type', html, MALFORMED],
  ['bytes that end in the middle of a character', { text: 'It costs 5 €', brokenAt: '€' }, MALFORMED],
];

const STREAM_ENDS: readonly (readonly [what: string, reply: FakeReply, error: Partial<AppError>])[] = [
  ['cut', { chunks: ['a', ' b'], end: 'cut' }, UNAVAILABLE],
  ['closed without the finish marker', { chunks: ['a', ' b'], end: 'no-finish' }, MALFORMED],
  [
    'an error from the middle',
    { chunks: ['a'], end: 'error', message: CANARY },
    { category: 'upstream', retryable: true },
  ],
  ['an error from the start', { chunks: [], end: 'error', message: CANARY }, { category: 'upstream', retryable: true }],
  ['empty', { raw: '', contentType: 'text/event-stream' }, MALFORMED],
  ['malformed', { raw: `data: {"oops ${CANARY}\n\n`, contentType: 'text/event-stream' }, MALFORMED],
];

/** Sentences about failures: every one is an error in our words, with nothing of the vendor's. */
export function describeFailures(subject: Subject): void {
  const cases = ANSWERS.flatMap(([what, reply, error]) => MODES.map((mode) => [what, mode, reply, error] as const));

  it.each(cases)('names %s (%s)', async (_, mode, reply, expected) => {
    subject.server.script(reply);
    const error = await subject.failure(mode);
    expect(error).toMatchObject({ ...expected, provider: 'vendor' });
    expect(everythingIn(error)).not.toContain(CANARY);
  });

  it.each(MODES)('reads a Retry-After that is a date (%s)', async (mode) => {
    subject.server.script({ status: 429, retryAfter: new Date(Date.now() + 5000).toUTCString() });
    const { retryAfterMs } = (await subject.failure(mode)) as AppError;
    expect(retryAfterMs).toBeGreaterThan(3000);
    expect(retryAfterMs).toBeLessThanOrEqual(5000);
  });

  it.each(MODES)('names a refused connection, without its address (%s)', async (mode) => {
    const gone = await subject.unreachable();
    const error = await subject.failure(mode, { baseUrl: gone });
    expect(error).toMatchObject({ ...UNAVAILABLE, provider: 'vendor' });
    expect(everythingIn(error)).not.toContain(CANARY);
    expect(error.message).not.toContain(new URL(gone).port);
  });

  it.each(MODES)('hangs up on an event without an end before it fills the memory (%s)', async (mode) => {
    const { promise: taken, resolve } = Promise.withResolvers<number>();
    subject.server.script({ flood: FLOOD, onSent: resolve });
    await expect(subject.failure(mode)).resolves.toMatchObject({ ...MALFORMED, provider: 'vendor' });
    expect(await taken).toBeLessThan(MAX_TAKEN);
  });

  it.each(STREAM_ENDS)('takes a stream that is %s for no answer', async (_, reply, expected) => {
    subject.server.script(reply);
    const error = await subject.failure('streamed');
    expect(error).toMatchObject({ ...expected, provider: 'vendor' });
    expect(everythingIn(error)).not.toContain(CANARY);
  });
}

/** Sentences about time and cancellation. */
export function describeTime(subject: Subject): void {
  const limits: readonly (readonly [string, Mode, FakeReply, object, string])[] = [
    ['that is not answered', 'whole', { hang: true }, { totalMs: 40 }, 'finish'],
    ['without a first word', 'streamed', { hang: true }, { firstTokenMs: 40 }, 'begin'],
    ['that falls silent', 'streamed', { chunks: ['a'], end: 'stall' }, { betweenTokensMs: 40 }, 'middle'],
    ['that takes too long in all', 'streamed', { chunks: ['a'], end: 'stall' }, { totalMs: 40 }, 'finish'],
  ];

  it.each(limits)('ends a call %s (%s)', async (_, mode, reply, timeouts, why) => {
    subject.server.script(reply);
    const error = await subject.failure(mode, { timeouts });
    expect(error).toMatchObject({ code: 'provider_timeout', category: 'timeout', retryable: true, provider: 'vendor' });
    expect(error.message).toContain(why);
    expect(everythingIn(error)).not.toContain(CANARY);
  });

  it.each(MODES)('gives way to the caller’s cancellation (%s)', async (mode) => {
    subject.server.script({ hang: true });
    const controller = new AbortController();
    const pending = subject.ask(mode, { signal: controller.signal });
    await subject.server.received(1);
    controller.abort(new Error('the client left'));
    await expect(pending).rejects.toThrow('the client left');
  });

  it('gives way to it in the middle of a stream', async () => {
    subject.server.script({ chunks: ['a'], end: 'stall' });
    const controller = new AbortController();
    const call = subject.call({ signal: controller.signal });
    const pending = subject.client().generate(call, () => controller.abort(new Error('the client left')));
    await expect(pending).rejects.toThrow('the client left');
  });

  it.each(MODES)('asks nothing for a caller who has left (%s)', async (mode) => {
    const signal = AbortSignal.abort(new Error('the client left'));
    await expect(subject.ask(mode, { signal })).rejects.toThrow('the client left');
    expect(subject.server.requests).toHaveLength(0);
  });
}
