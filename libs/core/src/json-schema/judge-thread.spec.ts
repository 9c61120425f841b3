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
  it('gives up what takes too long, while the event loop goes on, and then judges the next', async () => {
    const thread = new JudgeThread({ ms: 500, memoryMb: 96 });
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    const [verdict, next] = await Promise.all([ask(thread, HOSTILE, 7), ask(thread, { type: 'string' }, 7)]);
    clearInterval(timer);
    expect(verdict).toBeUndefined();
    expect(next).toMatchObject({ value: [{ path: 'value', code: 'type' }] });
    expect(turns).toBeGreaterThan(5);
  });
});

function ref(at: number) {
  return { $ref: `#/$defs/d${at}` };
}
