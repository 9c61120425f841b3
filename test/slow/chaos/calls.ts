import type { House } from './house.js';
import { RIGHT } from './vendors.js';

const LIMIT_MS = 60_000;

export interface RunEvent {
  readonly type: string;
  readonly seq: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- every type of event has its own
  readonly payload: any;
}

export interface Outcome {
  readonly ok: boolean;
  /** What came instead of the answer. */
  readonly problem?: string;
  /** Of a run. */
  readonly events?: readonly RunEvent[];
}

export type Way = (house: House, agentId: string, question: string) => Promise<Outcome>;

/** The ways to a model, as clients go them. */
export const WAYS = {
  'run streamed': async (house, agentId, input) => {
    const { status, text } = await send(house, '/api/v1/runs', { agentId, input }, { accept: 'text/event-stream' });
    if (status !== 200) return { ok: false, problem: `${status} ${text.slice(0, 300)}` };
    return ofRun(text.split('\n\n').flatMap(eventIn));
  },
  'run whole': async (house, agentId, input) => {
    const { status, text } = await send(house, '/api/v1/runs', { agentId, input }, { prefer: 'wait=50' });
    if (status !== 200) return { ok: false, problem: `${status} ${text.slice(0, 300)}` };
    const { body } = await send(house, `/api/v1/runs/${JSON.parse(text).data.id}/events?limit=1000`);
    return ofRun(body.data);
  },
  'gateway streamed': async (house, _agentId, content) => {
    const { status, text } = await send(house, '/openai/v1/chat/completions', { ...chat(content), stream: true });
    if (status !== 200) return { ok: false, problem: `${status} ${text.slice(0, 300)}` };
    const events = text.split('\n\n').filter((block) => block.startsWith('data: {'));
    const chunks = events.map((block) => JSON.parse(block.slice(6)));
    const said = chunks.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join('');
    const ok = said === RIGHT && text.endsWith('data: [DONE]\n\n');
    return { ok, ...(ok ? {} : { problem: text.slice(-300) }) };
  },
  'gateway whole': async (house, _agentId, content) => {
    const { status, text, body } = await send(house, '/openai/v1/chat/completions', chat(content));
    const ok = status === 200 && body.choices[0].message.content === RIGHT;
    return { ok, ...(ok ? {} : { problem: `${status} ${text.slice(0, 300)}` }) };
  },
} as const satisfies Record<string, Way>;

export type WayName = keyof typeof WAYS;

const chat = (content: string) => ({ model: 'default', messages: [{ role: 'user', content }] });

function ofRun(events: readonly RunEvent[]): Outcome {
  const last = events.at(-1);
  const ok = last?.type === 'run.succeeded' && last.payload.output?.text === RIGHT;
  return { ok, events, ...(ok ? {} : { problem: JSON.stringify(last)?.slice(0, 300) }) };
}

function eventIn(block: string): RunEvent[] {
  const data = block.split('\n').find((line) => line.startsWith('data: '));
  return data === undefined ? [] : [JSON.parse(data.slice(6))];
}

async function send({ url, key }: House, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined };
}
