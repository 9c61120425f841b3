import { Metrics } from './metrics.js';

const valueOf = async (metrics: Metrics, line: string) =>
  (await metrics.registry.metrics()).split('\n').find((text) => text.startsWith(line));

describe('Metrics', () => {
  it('records a metric by name and labels', async () => {
    const metrics = new Metrics();
    metrics.recordMetric('queue_depth', 3, { queue: 'mail' });
    metrics.recordMetric('queue_depth', 5, { queue: 'mail' });
    metrics.recordMetric('temperature', 21.5);
    expect(await valueOf(metrics, 'queue_depth{')).toBe('queue_depth{queue="mail"} 5');
    expect(await valueOf(metrics, 'temperature ')).toBe('temperature 21.5');
  });

  it('stays bounded and counts what it refuses', async () => {
    const metrics = new Metrics();
    for (let id = 0; id < 600; id++) metrics.recordMetric('by_user', 1, { user: `u${id}` });
    metrics.recordMetric('by_user', 2, { user: 'u0' });
    metrics.recordMetric('by_user', 1, { other: 'label' });
    metrics.recordMetric('requests_total', 1);
    metrics.recordMetric('not a name', 1);
    metrics.recordMetric('nan', Number.NaN);
    const text = await metrics.registry.metrics();
    expect(text.match(/^by_user\{/gm)).toHaveLength(500);
    expect(text).toContain('by_user{user="u0"} 2');
    expect(await valueOf(metrics, 'recorded_metrics_dropped_total ')).toBe('recorded_metrics_dropped_total 104');
  });

  it('takes only so many names', async () => {
    const metrics = new Metrics();
    for (let index = 0; index < 250; index++) metrics.recordMetric(`name_${index}`, 1);
    expect((await metrics.registry.metrics()).match(/^name_\d+ 1$/gm)).toHaveLength(200);
  });

  it('reads an observed value when somebody looks', async () => {
    const metrics = new Metrics();
    let value = 1;
    metrics.observe('watched', 'Watched', () => value);
    value = 7;
    expect(await valueOf(metrics, 'watched ')).toBe('watched 7');
  });
});
