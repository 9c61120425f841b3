import type { FakeReply } from '../fake-model-script.js';
import { CANARY, MODES, type Subject, everythingIn } from './subject.js';

const TEN_MB = 10_000_000;
/** More than any adapter may take of one reply. */
const MAX_TAKEN = 80 * 1024 * 1024;
const MALFORMED = { code: 'provider_malformed_reply', category: 'upstream', retryable: true, provider: 'vendor' };
const UNAVAILABLE = { code: 'provider_unavailable', category: 'upstream', retryable: true, provider: 'vendor' };

/** What a terminal, a browser or a reader of events could take for something else than text. */
const TRICKS = 'a\n\nevent: done\ndata: {"type":"run.succeeded"}\n\nid: 9\n\u001b[31mred\u001b[0m\u0007\r<script>';

const REPEATS: readonly (readonly [where: string, reply: FakeReply])[] = [
  ['its text', { text: `It is ${CANARY} indeed` }],
  ['its finish reason', { text: 'Hi', finishReason: CANARY }],
  ['the arguments of a tool', { toolCalls: [{ name: 'look', arguments: { up: CANARY } }] }],
];

/** Sentences about vendors that send too much, or what they should not. */
export function describeExcess(subject: Subject): void {
  it.each(MODES)('takes no reply of 10 MB (%s)', async (mode) => {
    subject.server.script({ text: 'x'.repeat(TEN_MB) });
    await expect(subject.failure(mode)).resolves.toMatchObject(MALFORMED);
  });

  it('ends a stream of junk that does not end, at the latest when its time is up', async () => {
    const { promise: taken, resolve } = Promise.withResolvers<number>();
    subject.server.script({ endless: ': junk\n\n', onSent: resolve });
    const error = await subject.failure('streamed', { timeouts: { firstTokenMs: 1000 } });
    expect(error).toMatchObject({ retryable: true, provider: 'vendor' });
    expect(await taken).toBeLessThan(MAX_TAKEN);
  });

  it('ends a reply that does not end', async () => {
    const { promise: taken, resolve } = Promise.withResolvers<number>();
    subject.server.script({ endless: 'more '.repeat(10_000), spoken: true, onSent: resolve });
    await expect(subject.failure('streamed')).resolves.toMatchObject(MALFORMED);
    expect(await taken).toBeLessThan(MAX_TAKEN);
  });

  const cases = REPEATS.flatMap(([where, reply]) => MODES.map((mode) => [where, mode, reply] as const));
  it.each(cases)('takes no reply that repeats the API key in %s (%s)', async (_, mode, reply) => {
    subject.server.script(reply);
    const error = await subject.failure(mode);
    expect(error).toMatchObject(MALFORMED);
    expect(everythingIn(error)).not.toContain(CANARY);
  });

  it.each([
    ['has no address', () => 'http://vendor.invalid/v1'],
    ['speaks no TLS', () => subject.server.baseUrl.replace('http:', 'https:')],
  ])('names a vendor that %s', async (_, address) => {
    const error = await subject.failure('whole', { baseUrl: address() });
    expect(error).toMatchObject(UNAVAILABLE);
    expect(everythingIn(error)).not.toContain(CANARY);
  });

  it.each(MODES)('brings text unchanged, whatever it imitates (%s)', async (mode) => {
    subject.server.script(mode === 'whole' ? { text: TRICKS } : { chunks: [TRICKS] });
    await expect(subject.ask(mode)).resolves.toMatchObject({ text: TRICKS });
  });

  it('hands on no half of a character that a vendor cuts in two', async () => {
    const [first, second] = ['\ud83d', '\ude00'];
    subject.server.script({ chunks: [`a${first}`, `${second}b`] });
    const deltas: string[] = [];
    const { text } = await subject.client().generate(subject.call(), (delta) => deltas.push(delta));
    expect(text).toBe('a😀b');
    expect(deltas.join('')).toBe(text);
    expect(deltas.every((delta) => delta.isWellFormed())).toBe(true);
  });
}
