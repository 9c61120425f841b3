import type { AppError, CallObserver } from '@guildhall/sdk';
import { Forwarder } from '../forwarder.js';
import type { Post, WireHeaders } from '../post.js';

export const event = (fields: object) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', ...fields })}\n\n`;
export const delta = (fields: object, finish_reason: string | null = null) =>
  event({ choices: [{ index: 0, delta: fields, finish_reason }] });
export const ROLE = delta({ role: 'assistant', content: '' });
export const WORDS = ['Grüße', ' an', ' "finish_reason":"stop"', ' 日本'].map((content) => delta({ content }));
export const FINISH = delta({}, 'stop');
export const USAGE = event({
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } },
});
export const DONE = 'data: [DONE]\n\n';
export const KEY = 'key_of_the_operator';
export const RESET = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

interface Script {
  readonly status?: number;
  readonly headers?: WireHeaders;
  readonly pieces?: readonly (string | Buffer)[];
  readonly breaks?: Error;
}

function forwarder({ status = 200, headers, pieces = [], breaks }: Script) {
  const sent: Record<string, unknown>[] = [];
  const post: Post = async (body, receiver) => {
    sent.push(JSON.parse(body));
    receiver.onHead(status, { 'content-type': 'text/event-stream', ...headers });
    for (const piece of pieces) await receiver.onData(Buffer.from(piece as string));
    if (breaks) throw breaks;
  };
  return { sent, target: new Forwarder({ id: 'groq', apiKey: KEY }, post) };
}

/** Streams an answer through: what was passed on, and how it ended. */
export async function stream(script: Script, body: object = {}, observer: CallObserver = {}) {
  const { target, sent } = forwarder(script);
  const passed: string[] = [];
  const { signal } = new AbortController();
  const call = { model: 'm', body: { messages: [], ...body }, signal, ...observer };
  const outcome = await target
    .forward(call, (bytes) => void passed.push(Buffer.from(bytes).toString('utf8')))
    .then(
      (reply) => ({ reply, error: undefined }),
      (error: AppError) => ({ error, reply: undefined }),
    );
  return { ...outcome, passed, text: passed.join(''), sent: sent[0]! };
}

/** Asks for an answer in one piece. */
export const whole = (script: Script, body: Record<string, unknown> = {}, observer: CallObserver = {}) => {
  const { target, sent } = forwarder({ headers: { 'content-type': 'application/json' }, ...script });
  const { signal } = new AbortController();
  return { reply: target.forward({ model: 'm', body, signal, ...observer }), sent };
};
export const completion = (fields: object = {}) =>
  JSON.stringify({
    id: 'c1',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 3 },
    ...fields,
  });
