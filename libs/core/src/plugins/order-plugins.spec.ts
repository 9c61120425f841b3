import fc from 'fast-check';
import { orderPlugins } from './order-plugins.js';

const ids = (order: readonly { id: string }[]) => order.map(({ id }) => id);

describe('orderPlugins', () => {
  it('puts a plugin behind those it requires and those it can use, else keeps the order given', () => {
    const { order } = orderPlugins([
      { id: 'report', requires: ['store'], optional: ['mail', 'absent'] },
      { id: 'free' },
      { id: 'mail' },
      { id: 'store' },
    ]);
    expect(ids(order)).toEqual(['store', 'mail', 'report', 'free']);
  });

  it('names every circle by the way round', () => {
    const { cycles } = orderPlugins([
      { id: 'a', requires: ['b'] },
      { id: 'b', optional: ['c'] },
      { id: 'c', requires: ['a'] },
      { id: 'self', requires: ['self'] },
    ]);
    expect(cycles).toEqual([
      ['a', 'b', 'c', 'a'],
      ['self', 'self'],
    ]);
  });

  it('names every required plugin that is not there', () => {
    const { gaps } = orderPlugins([{ id: 'a', requires: ['x', 'y'], optional: ['z'] }]);
    expect(gaps).toEqual([
      { plugin: 'a', missing: 'x' },
      { plugin: 'a', missing: 'y' },
    ]);
  });

  it('holds for any graph without circles: everything once, and nothing before what it requires', () => {
    // Edges only from later to earlier numbers, then shuffled: no circle is possible.
    const graphs = fc
      .array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 12 })
      .map((edges) =>
        edges.map((targets, index) => ({
          id: `p${index}`,
          requires: index === 0 ? [] : targets.map((target) => `p${target % index}`),
        })),
      )
      .chain((plugins) => fc.shuffledSubarray(plugins, { minLength: plugins.length }));
    fc.assert(
      fc.property(graphs, (plugins) => {
        const { order, cycles } = orderPlugins(plugins);
        const places = new Map(order.map(({ id }, index) => [id, index]));
        expect(cycles).toEqual([]);
        expect(places.size).toBe(plugins.length);
        for (const { id, requires } of plugins) {
          for (const needed of requires) expect(places.get(needed)!).toBeLessThan(places.get(id)!);
        }
      }),
    );
  });
});
