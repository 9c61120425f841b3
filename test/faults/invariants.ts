import type { House } from './house.js';
import type { Call } from './ledger.js';
import type { Accepted } from './load.js';
import { frames } from './sse.js';
import { inParallel, until } from './until.js';

const TERMINAL = ['succeeded', 'failed', 'cancelled'];
const AT_REST = [...TERMINAL, 'waiting', 'needs_attention'];

/** It has ended, or waits for a person: no process works on it. */
export const isAtRest = (status: string): boolean => AT_REST.includes(status);

/** Clocks are one machine's, but a call is noted a moment after it was sent. */
const SLACK_MS = 100;

interface Run {
  readonly id: string;
  readonly status: string;
  readonly usage: Readonly<Record<string, number>>;
  readonly error?: { readonly code: string };
}

interface Step {
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly finishedAt?: string | null;
  readonly usage?: Readonly<Record<string, number>> | null;
}

interface Event {
  readonly seq: number;
  readonly type: string;
}

/** What reached the world for one run. */
type Calls = Readonly<Record<'model' | 'tool', readonly Call[]>>;

export interface Checked {
  readonly breaches: readonly string[];
  readonly runs: number;
  readonly byStatus: Readonly<Record<string, number>>;
}

/** Waits until no accepted run is on its way any more, then looks whether every promise was kept. */
export async function checkInvariants(house: House, accepted: readonly Accepted[], limitMs = 60_000): Promise<Checked> {
  const breaches: string[] = [];
  const lost = await restless(house, accepted, limitMs);
  for (const { id, status } of lost) breaches.push(`run ${id} is '${status}' ${limitMs} ms after the load`);
  const stray = new Set(lost.map(({ id }) => id));
  const settled = accepted.filter(({ id }) => !stray.has(id));
  const byStatus: Record<string, number> = {};
  const ledger = {
    model: Map.groupBy<string, Call>(house.ledger.models, ({ run }) => run),
    tool: Map.groupBy<string, Call>(house.ledger.tools, ({ run }) => run),
  };
  await inParallel(settled, 8, async (each) => {
    const calls = { model: ledger.model.get(each.plan.run) ?? [], tool: ledger.tool.get(each.plan.run) ?? [] };
    const { status, faults } = await inspect(house, each.id, calls);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    for (const fault of faults) breaches.push(`run ${each.id} (${each.plan.run}): ${fault}`);
  });
  breaches.push(...effectsRepeated(house), ...(await staleLeases(house)), ...house.unexpected);
  return { breaches, runs: accepted.length, byStatus };
}

/** Resolves to the runs that have not come to rest in time. */
async function restless(house: House, accepted: readonly Accepted[], limitMs: number) {
  let open: { id: string; status: string }[] = accepted.map(({ id }) => ({ id, status: 'unknown' }));
  const look = async () => {
    const seen = await inParallel(open, 8, async ({ id }) => {
      const { status } = (await house.get(`/runs/${id}`)).data as Run;
      return { id, status };
    });
    open = seen.filter(({ status }) => !isAtRest(status));
    return open.length === 0;
  };
  await until('all runs at rest', look, limitMs).catch((error: unknown) => {
    if (open.length === 0) throw error;
  });
  return open;
}

async function inspect(house: House, id: string, calls: Calls): Promise<{ status: string; faults: string[] }> {
  const run = (await house.get(`/runs/${id}`)).data as Run;
  const events = await house.all<Event>(`/runs/${id}/events`);
  const steps = await house.all<Step>(`/runs/${id}/steps`);
  const faults = [...eventFaults(run, events), ...usageFaults(run, steps), ...repeats(calls, steps)];
  if (run.status === 'waiting' || run.status === 'needs_attention') faults.push(...(await restFaults(house, run)));
  if (TERMINAL.includes(run.status)) faults.push(...(await streamFaults(house, id, events)));
  return { status: run.status, faults };
}

function eventFaults({ status }: Run, events: readonly Event[]): string[] {
  const faults: string[] = [];
  if (events.some(({ seq }, index) => seq !== index + 1)) {
    faults.push(`events are not gapless from 1: ${events.map(({ seq }) => seq).join(' ')}`);
  }
  const ends = events.filter(({ type }) => TERMINAL.includes(type.replace('run.', ''))).map(({ type }) => type);
  const wanted = TERMINAL.includes(status) ? [`run.${status}`] : [];
  if (ends.join() !== wanted.join()) faults.push(`its terminal events are [${ends.join()}], it is '${status}'`);
  if (wanted.length > 0 && events.at(-1)?.type !== wanted[0]) faults.push('its last event is not the terminal one');
  return faults;
}

function usageFaults({ usage }: Run, steps: readonly Step[]): string[] {
  return ['inputTokens', 'outputTokens', 'costMicroUsd'].flatMap((name) => {
    const sum = steps.reduce((total, step) => total + (step.usage?.[name] ?? 0), 0);
    return sum === usage[name] ? [] : [`usage ${name} is ${usage[name]}, the steps' sum is ${sum}`];
  });
}

/** A step whose result was recorded must not have been executed later. */
function repeats(calls: Calls, steps: readonly Step[]): string[] {
  const late = (kind: keyof Calls) =>
    steps
      .filter((step) => step.kind === kind)
      .flatMap((step, index) => {
        if (step.status !== 'succeeded' || !step.finishedAt) return [];
        const recorded = Date.parse(step.finishedAt);
        const again = calls[kind].find((call) => call.step === index && call.at > recorded + SLACK_MS);
        if (!again) return [];
        return [`${kind} step ${index} was executed again ${again.at - recorded} ms after it was recorded`];
      });
  return [...late('model'), ...late('tool')];
}

/** A run that waits for a person shows what for. */
async function restFaults(house: House, { id, status }: Run): Promise<string[]> {
  const open = (await house.get(`/interrupts?runId=${id}`)).data as { kind: string; toolCall?: object }[];
  if (open.length === 0) return [`it is '${status}', but no question is open`];
  const shown = open.some(({ kind, toolCall }) => kind === 'unknown_effect' && toolCall !== undefined);
  return shown || status === 'waiting' ? [] : ['needs attention, but no interrupt shows the call'];
}

/** The stream of an ended run is the JSON list, byte for byte in its payload. */
async function streamFaults(house: House, id: string, events: readonly Event[]): Promise<string[]> {
  const streamed: string[] = [];
  const url = house.url(`/api/v1/runs/${id}/events`);
  for await (const frame of frames(url, 0, AbortSignal.timeout(20_000))) streamed.push(frame.data);
  const listed = events.map((event) => JSON.stringify(event));
  return streamed.join('\n') === listed.join('\n') ? [] : ['the stream and the JSON list differ'];
}

/** Unsafe tools are called once; a repeated call carries the key of the first. */
function effectsRepeated(house: House): string[] {
  const byCall = Map.groupBy(house.ledger.tools, ({ run, step }) => `${run}/${step}`);
  return [...byCall].flatMap(([call, entries]) => {
    const keys = new Set(entries.map(({ key }) => key));
    const faults = keys.size === 1 ? [] : [`call ${call} came with ${keys.size} idempotency keys`];
    const twice = entries[0]!.effect === 'unsafe' && entries.length > 1;
    return twice ? [...faults, `the unsafe call ${call} happened ${entries.length} times`] : faults;
  });
}

async function staleLeases(house: House): Promise<string[]> {
  const rows = await house.postgres.query<{ id: string; lease_owner: string }>(
    `SELECT id, lease_owner FROM runs WHERE status = 'running' AND lease_expires_at < now() - interval '10 s'`,
  );
  return rows.map(({ id, lease_owner }) => `run ${id} is held by ${lease_owner}, whose lease is over`);
}
