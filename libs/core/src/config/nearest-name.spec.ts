import { nearestName } from './nearest-name.js';

describe('nearestName', () => {
  const known = ['PORT', 'REDIS_URL', 'REQUEST_TIMEOUT', 'DATABASE_URL'];

  it.each([
    ['PROT', 'PORT'],
    ['port', 'PORT'],
    ['REQEST_TIMEOUT', 'REQUEST_TIMEOUT'],
    ['DATABSE_URL', 'DATABASE_URL'],
  ])('takes %s for %s', (name, meant) => expect(nearestName(name, known)).toBe(meant));

  it('suggests nothing for another word', () => {
    expect(nearestName('WEATHER_UNITS', known)).toBeUndefined();
  });
});
