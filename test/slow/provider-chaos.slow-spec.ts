import { type ChaosHouse, type House, otherTenant, startHouse } from './chaos/house.js';
import { INSPECTED, liveMemoryOf, peakMemoryOf } from './chaos/memory.js';
import { type Outcome, WAYS, type WayName } from './chaos/calls.js';
import { liesIn } from './chaos/run-truth.js';
import { VENDOR_FAULTS, type VendorFault } from './chaos/vendor-faults.js';
import { Vendors } from './chaos/vendors.js';

/** Of each way to a model in each round: in all a little more than a thousand calls. */
const CALLS = 6;
const ROUNDS = VENDOR_FAULTS.flatMap((fault) => [3, 1].map((failing) => ({ fault, failing })));
const HEAVIEST = ROUNDS.filter(({ fault, failing }) => failing === 3 && fault.isHeavy);
const WAY_NAMES = Object.keys(WAYS) as WayName[];

interface Call {
  readonly fault: string;
  readonly failing: number;
  readonly way: WayName;
  readonly outcome: Outcome;
  readonly lies: readonly string[];
  /** A stream for a client of OpenAI, from a vendor that spoke before it failed. */
  readonly apart: boolean;
}

jest.setTimeout(180_000);

describe('four vendors, of whom three or one fail in every way there is', () => {
  let chaos: ChaosHouse;
  const calls: Call[] = [];
  let before: number;
  let seconds: number;

  beforeAll(async () => {
    chaos = await startHouse({
      OUTBOUND_ALLOW: '127.0.0.1,vendor.invalid',
      MAX_CONCURRENT_REQUESTS: '1000',
      NODE_OPTIONS: `--max-old-space-size=256 ${INSPECTED}`,
    });
    // The operator's own providers are reached past the outbound guard, a tenant's through it.
    const tenants = [chaos.house, await otherTenant(chaos.house, 'lane')];
    const lanes = await Promise.all(tenants.map(openLane));
    // The heaviest first: what the process grew to then, it must not outgrow in all that follows.
    for (const round of HEAVIEST) await Promise.all(lanes.map((lane, index) => playRound(lane, round, index)));
    before = await liveMemoryOf(chaos.server);
    const from = performance.now();
    let turn = 0;
    await Promise.all(
      lanes.map(async (lane) => {
        while (turn < ROUNDS.length) {
          const round = ROUNDS[turn]!;
          calls.push(...(await playRound(lane, round, turn++)));
        }
      }),
    );
    seconds = (performance.now() - from) / 1000;
    await Promise.all(lanes.map(({ vendors }) => vendors.stop()));
    report();
  });
  afterAll(() => chaos.close());

  const openLane = async (house: House) => ({
    house,
    vendors: await Vendors.start(house),
    agentId: (await house.call('POST', '/api/v1/agents', { name: 'chaos', instructions: 'Answer.' })).id,
  });
  type Lane = Awaited<ReturnType<typeof openLane>>;

  async function playRound(lane: Lane, { fault, failing }: (typeof ROUNDS)[number], turn: number): Promise<Call[]> {
    const { house, vendors, agentId } = lane;
    await vendors.become(fault, failing, turn);
    const plan = WAY_NAMES.flatMap((way) => Array.from({ length: CALLS }, (_, n) => ({ way, n })));
    const outcomes = await Promise.all(
      plan.map(async ({ way, n }) => {
        const question = `Question ${turn}-${way.replace(' ', '-')}-${n}?`;
        const outcome: Outcome = await WAYS[way](house, agentId, question).catch((error: unknown) => {
          return { ok: false, problem: String(error) };
        });
        return { way, question, outcome };
      }),
    );
    return outcomes.map(({ way, question, outcome }) => ({
      fault: fault.name,
      failing,
      way,
      outcome,
      lies: outcome.events ? lies(outcome, vendors, question, way, fault) : [],
      apart: way === 'gateway streamed' && fault.speaks === true,
    }));
  }

  function lies({ events = [] }: Outcome, vendors: Vendors, question: string, way: WayName, fault: VendorFault) {
    const asked = vendors.asked.filter(({ body }) => body.includes(question));
    const speaks = fault.speaks === true && way === 'run streamed';
    return liesIn(events, { asked, unreachable: vendors.unreachable, speaks, busy: fault.isHeavy === true });
  }

  function report(): void {
    const lines = VENDOR_FAULTS.map(({ name }) => {
      const counted = calls.filter(({ fault, apart }) => fault === name && !apart);
      return `${name.padEnd(28)} ${counted.filter(({ outcome }) => outcome.ok).length}/${counted.length}`;
    });
    process.stdout.write(`${lines.join('\n')}\n${seconds.toFixed(1)} s\n`);
  }

  it('are no trouble to at least 99.5 % of a thousand calls', () => {
    const counted = calls.filter(({ apart }) => !apart);
    const failed = counted.filter(({ outcome }) => !outcome.ok);
    expect(calls.length).toBeGreaterThanOrEqual(1000);
    const told = failed.slice(0, 10).map(({ fault, failing, way, outcome }) => [fault, failing, way, outcome.problem]);
    expect({ told, enough: failed.length / counted.length <= 0.005 }).toEqual({ told, enough: true });
  });

  it('leave the truth in the events of every run', () => {
    const told = calls.filter((call) => call.lies.length > 0);
    expect(told.map(({ fault, failing, way, lies: found }) => [fault, failing, way, ...found]).slice(0, 20)).toEqual(
      [],
    );
  });

  it('end a stream that had begun with an error its client understands, for its words cannot be taken back', () => {
    const apart = calls.filter((call) => call.apart && !call.outcome.ok);
    expect(apart.length).toBeGreaterThan(0);
    for (const { outcome } of apart) expect(outcome.problem).toMatch(/data: \{"error":\{.*\}\}\n\n$/s);
  });

  it('leave nothing behind in the server, which stays small', async () => {
    const after = await liveMemoryOf(chaos.server);
    const peak = await peakMemoryOf(chaos.server);
    process.stdout.write(`${before} MB alive before, ${after} MB after, ${peak} MB in the process at most\n`);
    expect(after - before).toBeLessThan(40);
    expect(peak).toBeLessThan(1000);
  });
});
