import fc from 'fast-check';
import { type Ranked, rankProviders } from './rank-providers.js';

const WEIGHTS = { health: 0.4, cost: 0.3, performance: 0.2, preference: 0.1 };

const provider = (id: string, parts: Partial<Ranked['parts']> = {}, priority = 1): Ranked => ({
  provider: id,
  priority,
  state: 'closed',
  parts: { health: 1, cost: 0.5, performance: 0.5, preference: 0.5, ...parts },
});
const order = (...providers: Ranked[]) => rankProviders(providers, WEIGHTS).map((row) => row.provider);

describe('rankProviders', () => {
  it('weighs health 0.4, cost 0.3, performance 0.2 and preference 0.1', () => {
    const [row] = rankProviders(
      [provider('a', { health: 0.9, cost: 0.8, performance: 0.7, preference: 0.6 })],
      WEIGHTS,
    );
    expect(row!.score).toBeCloseTo(0.4 * 0.9 + 0.3 * 0.8 + 0.2 * 0.7 + 0.1 * 0.6, 10);
  });

  it('takes other weights', () => {
    const weights = { health: 0, cost: 0, performance: 1, preference: 0 };
    const [row] = rankProviders([provider('dear'), provider('fast', { cost: 0, performance: 0.9 })], weights);
    expect(row).toMatchObject({ provider: 'fast', score: 0.9 });
  });

  it('puts the healthy before the cheap and the cheap before the fast', () => {
    const broken = provider('broken', { health: 0, cost: 1, performance: 1 });
    const dear = provider('dear', { cost: 0.1, performance: 0.9 });
    expect(order(broken, dear, provider('plain'))).toEqual(['plain', 'dear', 'broken']);
  });

  it('lets a preference decide a close pair', () => {
    const [fast, liked] = [provider('fast', { performance: 0.6 }), provider('liked', { preference: 1 })];
    expect(order(fast, provider('liked'))).toEqual(['fast', 'liked']);
    expect(order(fast, liked)).toEqual(['liked', 'fast']);
  });

  it('breaks ties by priority, then by id', () => {
    expect(order(provider('b', {}, 2), provider('c'), provider('a', {}, 2))).toEqual(['c', 'a', 'b']);
  });

  it('shows parts that add up to the score, orders by it, and loses nobody', () => {
    const share = fc.double({ min: -0.5, max: 1.5, noNaN: true });
    const parts = fc.record({ health: share, cost: share, performance: share, preference: share });
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (all) => {
        const rows = rankProviders(
          all.map((one, index) => provider(`p${index}`, one)),
          WEIGHTS,
        );
        expect(rows).toHaveLength(all.length);
        rows.forEach((row, index) => {
          const { health, cost, performance, preference } = row.parts;
          expect(row.score).toBeCloseTo(0.4 * health + 0.3 * cost + 0.2 * performance + 0.1 * preference, 5);
          expect(row.score).toBeLessThanOrEqual(rows[index - 1]?.score ?? 1);
          for (const part of Object.values(row.parts)) expect(part >= 0 && part <= 1).toBe(true);
        });
      }),
    );
  });
});
