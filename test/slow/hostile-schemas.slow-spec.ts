import { JudgeThread } from '../../libs/core/src/json-schema/judge-thread.js';

const ask = (thread: JudgeThread, schema: object, value: unknown) =>
  thread.ask({ schema: JSON.stringify(schema), root: '', value: { json: JSON.stringify(value), root: 'value' } });

describe('a thread that judges values', () => {
  it('gives up what takes too much memory', async () => {
    const thread = new JudgeThread({ cpuMs: 60_000, wallMs: 600_000, memoryMb: 24 });
    const schema = { items: { anyOf: Array.from({ length: 400 }, () => false) } };
    expect(await ask(thread, schema, Array(20_000).fill(1))).toBeUndefined();
    expect(await ask(thread, { type: 'string' }, 'a')).toEqual({ value: [] });
  });
});
