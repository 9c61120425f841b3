import { isId, newId } from '@guildhall/core';
import { chance } from './chance.js';
import { derivedId } from './derived-id.js';

describe('what a run derives', () => {
  const runId = newId('run');

  it('ids are the same for the same key, different for others, and look like ids', () => {
    const ids = ['1', '2', '1.1'].map((key) => derivedId('stp', runId, key));
    expect(new Set(ids).size).toBe(3);
    expect(derivedId('stp', runId, '1')).toBe(ids[0]);
    expect(derivedId('stp', newId('run'), '1')).not.toBe(ids[0]);
    for (const id of ids) expect(isId('stp', id)).toBe(true);
  });

  it('chance lies in [0, 1) and does not cluster', () => {
    const draws = Array.from({ length: 1000 }, (_, n) => chance(`${runId} ${n}`));
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    expect(mean).toBeGreaterThan(0.4);
    expect(mean).toBeLessThan(0.6);
  });
});
