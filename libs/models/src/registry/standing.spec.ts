import { PROVEN, Standing, type Verdict } from './standing.js';

const FAILED: Verdict = { kind: 'failed', reason: 'It cannot be reached' };

function kept() {
  const verdicts: Verdict[] = [];
  const standing = new Standing(undefined, async (verdict) => void verdicts.push(verdict));
  return { standing, verdicts };
}

describe('the standing of a provider', () => {
  it('is kept each time its kind changes, and not for every call', async () => {
    const { standing, verdicts } = kept();
    await standing.learn(FAILED);
    await standing.learn({ kind: 'failed', reason: 'It still cannot be reached' });
    await standing.learn(PROVEN);
    await standing.learn(PROVEN);
    expect(verdicts).toEqual([FAILED, PROVEN]);
  });

  it('stays proven, whatever fails later', async () => {
    const { standing, verdicts } = kept();
    await standing.learn(PROVEN);
    await standing.learn(FAILED);
    standing.adopt(FAILED);
    expect(standing.isProven).toBe(true);
    expect(verdicts).toEqual([PROVEN]);
  });

  it('takes over what another process learnt without keeping it again', () => {
    const { standing, verdicts } = kept();
    standing.adopt(FAILED);
    standing.adopt({ kind: 'unasked' });
    expect(standing.verdict).toEqual(FAILED);
    standing.adopt(PROVEN);
    expect(standing.isProven).toBe(true);
    expect(verdicts).toEqual([]);
  });
});
