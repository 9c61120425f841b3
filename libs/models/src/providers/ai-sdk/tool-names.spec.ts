import fc from 'fast-check';
import { ToolNames } from './tool-names.js';

describe('ToolNames', () => {
  it('writes names as vendors accept them and reads them back', () => {
    const names = new ToolNames([{ name: 'weather.current' }, { name: 'calculator' }]);
    expect(names.toWire('weather.current')).toBe('weather_current');
    expect(names.toWire('calculator')).toBe('calculator');
    expect(names.fromWire('weather_current')).toBe('weather.current');
  });

  it('leaves a name that the model made up as it is', () => {
    expect(new ToolNames().fromWire('launch_missiles')).toBe('launch_missiles');
  });

  it('tells apart names that look the same on the wire', () => {
    const names = new ToolNames([{ name: 'a.b' }, { name: 'a_b' }]);
    expect([names.toWire('a.b'), names.toWire('a_b')]).toEqual(['a_b', 'a_b_2']);
  });

  it('is a round trip through the allowed alphabet for any set of names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 100 })), (all) => {
        const names = new ToolNames(all.map((name) => ({ name })));
        for (const name of all) {
          expect(names.toWire(name)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          expect(names.fromWire(names.toWire(name))).toBe(name);
        }
      }),
    );
  });
});
