import { SettingsError } from '@guildhall/core';
import { UnavailableError } from '@guildhall/sdk';
import { allFaults } from './all-faults.js';

describe('the checks of a start', () => {
  const fault = (path: string) => ({ path, code: 'x', message: `${path} is wrong` });
  const wrong = (...paths: string[]) => Promise.reject(new SettingsError(paths.map(fault)));
  const taken = () =>
    Promise.reject(new UnavailableError('port_in_use', 'PORT is taken', { details: [fault('PORT')] }));

  it('give what they found when nothing is wrong', async () => {
    expect(await allFaults([Promise.resolve(1), Promise.resolve('a')])).toEqual([1, 'a']);
  });

  it('tell all that is wrong at once, as settings', async () => {
    await expect(allFaults([wrong('A', 'B'), Promise.resolve(), taken()])).rejects.toMatchObject({
      category: 'configuration',
      details: [fault('A'), fault('B'), fault('PORT')],
    });
  });

  it('leave what is wrong alone, and what nobody expected, as it is', async () => {
    await expect(allFaults([Promise.resolve(), taken()])).rejects.toMatchObject({ code: 'port_in_use' });
    const odd = new TypeError('odd');
    await expect(allFaults([wrong('A'), Promise.reject(odd)])).rejects.toBe(odd);
  });
});
