import { addressFault } from './address-fault.js';

describe('why an address cannot be read', () => {
  it.each([
    ['postgres://app:p#x@db/guildhall', "'#' as %23"],
    ['postgres://app:1#x@db/guildhall', "'#' as %23"],
    ['postgres://app:p/x@db/guildhall', "'/' as %2F"],
    ['postgres://app:1/x@db/guildhall', "'/' as %2F"],
    ['postgres://app:p?x@db/guildhall', "'?' as %3F"],
    ['postgres://app:1?x@db/guildhall', "'?' as %3F"],
    ['postgres://app:p#x/y?z@db/guildhall', "'#' as %23, '/' as %2F, '?' as %3F"],
    ['postgres://app:50%off@db/guildhall', "'%' as %25"],
    ['postgres://app:%ff@db/guildhall', "'%' as %25"],
    ['postgres://a#p:x@db/guildhall', "'#' as %23"],
    ['redis://:p#x@cache:6379', "'#' as %23"],
  ])('names the character of %s and how to write it', (address, remedy) => {
    expect(addressFault(address)).toContain(remedy);
  });

  it.each(['postgres://db:99999/x', 'postgres://db:port/x', 'postgres://app:pw@/x', 'postgres://one:5432,two:5432/x'])(
    'says of %s that host or port are wrong',
    (address) => expect(addressFault(address)).toBe('its host or port cannot be read'),
  );

  it.each([
    'postgres://app:p%23x%2Fy%3Fz%25@db:5432/guildhall',
    'postgres://app:p@ss!$&()*+,;=:@db/guildhall',
    'postgres://db/guildhall?user=app@tenant&sslmode=require',
    'postgres://app:pw@[fd00::1]:5432/guildhall',
    'postgres://%2Fvar%2Frun%2Fpostgresql/guildhall',
    'rediss://default:pw@cache.example:6380/1',
    'https://models.example/v1',
  ])('reads %s', (address) => expect(addressFault(address)).toBeUndefined());
});
