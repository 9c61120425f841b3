import { settingsFrom } from '../config/load-settings.js';
import { WrongKeys } from './wrong-keys.js';

const NOW = 1_000_000;
const throttle = (budget: string) => new WrongKeys(settingsFrom({ RATE_LIMIT_ANONYMOUS: budget }));

describe('wrong keys', () => {
  it('are answered later and later, and then refused until the time of their budget is over', () => {
    const keys = throttle('10/60');
    const verdicts = Array.from({ length: 10 }, () => keys.judge('192.0.2.1', undefined, NOW));
    const delays = verdicts.map(({ delayMs }) => delayMs);
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
    expect([delays[0]! < 10, delays.at(-1)]).toEqual([true, 500]);
    expect(verdicts.every(({ refusal }) => refusal === undefined)).toBe(true);
    const { refusal, headers } = keys.judge('192.0.2.1', undefined, NOW + 20_000);
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfterMs: 40_000, details: [{ code: 'address' }] });
    expect(headers).toEqual({ ratelimit: '"address";r=0;t=40', 'ratelimit-policy': '"address";q=10;w=60' });
    expect(keys.judge('192.0.2.1', undefined, NOW + 60_000).refusal).toBeUndefined();
  });

  it('count by address, and by the key whose secret is guessed from many addresses', () => {
    const keys = throttle('3/60');
    const judge = (address: string, keyId?: string) => keys.judge(address, keyId, NOW).refusal?.details?.[0]?.code;
    expect(['a', 'b', 'c', 'd'].map((address) => judge(address, 'key_1'))).toEqual([
      undefined,
      undefined,
      undefined,
      'user',
    ]);
    expect([judge('e', 'key_2'), judge('e'), judge('e'), judge('e'), judge('f')]).toEqual([
      undefined,
      undefined,
      undefined,
      'address',
      undefined,
    ]);
  });

  it('count all addresses that one host may choose from as one', () => {
    const keys = throttle('1/60');
    const isRefused = (address: string) => keys.judge(address, undefined, NOW).refusal !== undefined;
    expect(['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8:0:1::1'].map(isRefused)).toEqual([false, true, false]);
    expect(['192.0.2.7', '::ffff:192.0.2.7', '::ffff:192.0.2.8'].map(isRefused)).toEqual([false, true, false]);
  });

  it('are remembered within bounds', () => {
    const keys = throttle('1/60');
    for (let i = 0; i < 10_001; i++) keys.judge(`10.0.${i >> 8}.${i & 255}`, undefined, NOW);
    expect(keys.judge('10.0.0.1', undefined, NOW).refusal).toBeDefined();
    expect(keys.judge('10.0.0.0', undefined, NOW).refusal).toBeUndefined();
  });

  it('are not counted where there is no budget', () => {
    const keys = throttle('none');
    for (let i = 0; i < 1000; i++) expect(keys.judge('a', 'key_1', NOW)).toEqual({ delayMs: 0, headers: {} });
  });
});
