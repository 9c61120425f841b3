import { OpenAnswers } from './open-answers.js';

const caller = (tenantId: string, id: string) => ({ tenantId, actor: { kind: 'api-key' as const, id, scopes: [] } });

describe('OpenAnswers', () => {
  it('bound the streams and the waiting requests of a key, each apart', () => {
    const answers = new OpenAnswers(100, { stream: 2, wait: 1 });
    const [one, other] = [caller('t', 'key_1'), caller('t', 'key_2')];
    expect([answers.enter('stream', one), answers.enter('stream', one), answers.enter('wait', one)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const refused = { category: 'rate_limit', code: 'rate_limited', details: [{ code: 'concurrency' }] };
    expect(answers.enter('stream', one)).toMatchObject(refused);
    expect(answers.enter('wait', one)).toMatchObject(refused);
    expect(answers.enter('stream', other)).toBeUndefined();
    answers.leave('stream', one);
    expect(answers.enter('stream', one)).toBeUndefined();
  });

  it('leave room for a tenant that has none, however many keys another has', () => {
    const answers = new OpenAnswers(20, { stream: 1, wait: 1 });
    const crowd = Array.from({ length: 30 }, (_, index) => answers.enter('stream', caller('crowd', `key_${index}`)));
    expect(crowd.filter((refusal) => refusal === undefined)).toHaveLength(18);
    expect(crowd.at(-1)).toMatchObject({ category: 'unavailable', code: 'concurrency_limited', retryAfterMs: 1000 });
    expect(answers.enter('wait', caller('other', 'key_o'))).toBeUndefined();
    expect(answers.count).toBe(19);
  });
});
