import fc from 'fast-check';
import { retryAfterMs } from './retry-after.js';

describe('retryAfterMs', () => {
  it.each([
    ['seconds', { 'retry-after': '2' }, 2000],
    ['parts of a second', { 'retry-after': '0.5' }, 500],
    ['milliseconds, which are more exact', { 'retry-after': '1', 'retry-after-ms': '740' }, 740],
    ['a date that is past', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0],
    ['more than a minute', { 'retry-after': '86400' }, 60_000],
    ['nothing', {}, undefined],
    ['nonsense', { 'retry-after': 'soon', 'retry-after-ms': '-' }, undefined],
  ])('reads %s', (_, headers, expected) => {
    expect(retryAfterMs(headers as Record<string, string>, undefined)).toBe(expected);
  });

  it('reads what Google says in the error', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3.5s' }];
    const body = JSON.stringify({ error: { code: 429, details } }, null, 2);
    expect(retryAfterMs({}, body)).toBe(3500);
    expect(retryAfterMs({ 'retry-after': '1' }, body)).toBe(1000);
  });

  it('is undefined or within a minute, whatever a vendor writes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (seconds, ms, body) => {
        const wanted = retryAfterMs({ 'retry-after': seconds, 'retry-after-ms': ms }, body);
        expect(wanted === undefined || (wanted >= 0 && wanted <= 60_000)).toBe(true);
      }),
    );
  });
});
