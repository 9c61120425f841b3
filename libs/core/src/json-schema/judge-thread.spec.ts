import { JudgeThread } from './judge-thread.js';

const ask = (thread: JudgeThread, schema: object, value: unknown) =>
  thread.ask({ schema: JSON.stringify(schema), root: '', value: { json: JSON.stringify(value), root: 'value' } });

/** Each reference is followed twice, thirty times over. */
const doubling = {
  $defs: Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`d${at}`, { allOf: [ref(at + 1), ref(at + 1)] }])),
  ...ref(0),
};
const HOSTILE = { ...doubling, $defs: { ...doubling.$defs, d30: { type: 'string' } } };

describe('a thread that judges values', () => {
  it.each([
    ['of the processor', { cpuMs: 300, wallMs: 600_000, memoryMb: 96 }],
    ['in all', { cpuMs: 600_000, wallMs: 500, memoryMb: 96 }],
  ])(
    'gives up what takes too much time %s, while the event loop goes on, and then judges the next',
    async (_, limits) => {
      const thread = new JudgeThread(limits);
      let turns = 0;
      const timer = setInterval(() => turns++, 10);
      expect(await ask(thread, HOSTILE, 7)).toBeUndefined();
      clearInterval(timer);
      expect(turns).toBeGreaterThan(5);
      expect(await ask(thread, { type: 'string' }, 7)).toMatchObject({ value: [{ path: 'value', code: 'type' }] });
    },
  );

  it('counts what one question takes, and not what those before it took', async () => {
    const thread = new JudgeThread({ cpuMs: 1000, wallMs: 600_000, memoryMb: 96 });
    const rows = Array.from({ length: 3000 }, (_, at) => ({ at, twice: at * 2 }));
    // Each compares every row with every other: together they take much more than one may.
    for (let n = 0; n < 20; n++) {
      const distinct = { type: 'array', uniqueItems: true, title: `${n}` };
      expect(await ask(thread, distinct, rows)).toEqual({ value: [] });
    }
  });
});

function ref(at: number) {
  return { $ref: `#/$defs/d${at}` };
}
