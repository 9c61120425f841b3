import { inLimitedTime, isOutOfTime } from './limited-time.js';

const LIMIT_MS = 20;
const outOfTime = expect.objectContaining({ code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });

/** Busy beyond the limit the first so many times. */
function busy(times: number): () => number {
  let runs = 0;
  return () => {
    const until = performance.now() + (runs < times ? 20 * LIMIT_MS : 0);
    runs++;
    while (performance.now() < until);
    return runs;
  };
}

describe('work in limited time', () => {
  afterEach(() => jest.restoreAllMocks());

  it('gives its result', () => {
    expect(inLimitedTime(1000, () => 'done')).toBe('done');
  });

  describe('on a machine that has no time for it', () => {
    beforeEach(() => jest.spyOn(process, 'threadCpuUsage').mockReturnValue({ user: 0, system: 0 }));

    it('is begun again', () => {
      expect(inLimitedTime(LIMIT_MS, busy(2))).toBe(3);
    });

    it('is given up at last', () => {
      expect(() => inLimitedTime(LIMIT_MS, busy(100))).toThrow(outOfTime);
    });
  });

  it('is stopped when it has had its time, and not begun again', () => {
    let user = 0;
    jest.spyOn(process, 'threadCpuUsage').mockImplementation(() => ({ user: (user += LIMIT_MS * 1000), system: 0 }));
    const work = jest.fn(busy(1));
    expect(() => inLimitedTime(LIMIT_MS, work)).toThrow(outOfTime);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('tells its own faults from the end of its time', () => {
    const fail = () => inLimitedTime(1000, () => JSON.parse('{') as unknown);
    expect(fail).toThrow(SyntaxError);
    expect(isOutOfTime(new SyntaxError())).toBe(false);
  });
});
