import type { Question, Verdict } from './judge.js';
import { JudgeTurns } from './judge-turns.js';

/** A judge that answers when it is told to. */
class HeldJudge {
  static readonly asked: string[] = [];
  answer: (verdict?: Verdict) => void = () => {};

  ask({ schema }: Question): Promise<Verdict | undefined> {
    HeldJudge.asked.push(schema);
    return new Promise((resolve) => (this.answer = resolve));
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('turns at judging', () => {
  const one = new HeldJudge();
  const other = new HeldJudge();
  let turns: JudgeTurns;
  beforeEach(() => {
    HeldJudge.asked.length = 0;
    turns = new JudgeTurns([other, one]);
  });
  const ask = (tenant: string, name: string) => turns.ask(tenant, { schema: name, root: '' });

  it('go to one question of a tenant at a time, so that another finds a judge at once', () => {
    for (let n = 0; n < 50; n++) void ask('ten_many', `many ${n}`);
    expect(HeldJudge.asked).toEqual(['many 0']);
    void ask('ten_one', 'single');
    expect(HeldJudge.asked).toEqual(['many 0', 'single']);
  });

  it('go round: who has all judges busy is asked again only behind the others, whatever they have waiting', async () => {
    for (const tenant of ['a', 'b']) for (let n = 0; n < 9; n++) void ask(tenant, `${tenant}${n}`);
    for (const tenant of ['c', 'd']) void ask(tenant, `${tenant}0`);
    for (let n = 0; n < 6; n++) {
      (n % 2 ? other : one).answer({});
      await settle();
    }
    const first = (name: string) => HeldJudge.asked.indexOf(name);
    expect(HeldJudge.asked.slice(0, 2)).toEqual(['a0', 'b0']);
    expect(Math.max(first('c0'), first('d0'))).toBeLessThan(6);
  });

  it('go on where a judge fails or gives up', async () => {
    const first = ask('a', 'a0');
    const second = ask('a', 'a1');
    one.answer(undefined);
    expect(await first).toBeUndefined();
    one.answer({ schema: [] });
    expect(await second).toEqual({ schema: [] });
    const broken = new JudgeTurns([{ ask: () => Promise.reject(new Error('no thread')) }]);
    await expect(broken.ask('a', { schema: '', root: '' })).rejects.toThrow('no thread');
    await expect(broken.ask('a', { schema: '', root: '' })).rejects.toThrow('no thread');
  });
});
