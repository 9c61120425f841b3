import pg from 'pg';
import { Metrics } from '../telemetry/metrics.js';
import { type LogFields, currentLogFields, withLogFields } from '../telemetry/log-context.js';
import type { ElasticPool } from './elastic-pool.js';
import { QueryWatch } from './query-watch.js';
import { type AnsweredQuery, TalliedClient } from './tallied-client.js';

describe('the watch over statements', () => {
  function watch() {
    const metrics = new Metrics();
    const lines: { fields: object; message: string; context: LogFields | undefined }[] = [];
    const warn = (fields: object, message: string) => void lines.push({ fields, message, context: currentLogFields() });
    const silent = () => {};
    const pool = {} as ElasticPool;
    new QueryWatch(metrics, { warn, debug: silent, info: silent, error: silent }).watch(pool);
    const answer = (query: Partial<AnsweredQuery>) =>
      pool.onAnswer!({ statement: 'SELECT 1', ms: 1, fields: undefined, ...query });
    const samples = async () => (await metrics.registry.metrics()).split('\n');
    return { lines, answer, samples };
  }

  it('times all of them and logs those of half a second and more', async () => {
    const { lines, answer, samples } = watch();
    for (const ms of [1, 499.9, 500, 1234.5]) answer({ ms });
    expect(await samples()).toEqual(
      expect.arrayContaining(['database_query_duration_seconds_count 4', 'database_slow_queries_total 2']),
    );
    expect(lines.map(({ fields }) => fields)).toEqual([
      { durationMs: 500, statement: 'SELECT 1' },
      { durationMs: 1235, statement: 'SELECT 1' },
    ]);
  });

  it('shows no value, not even one that stands in the text, and no end of it', () => {
    const { lines, answer } = watch();
    answer({ ms: 900, statement: `UPDATE users\n  SET name = 'Ada ''the'' Countess', note = 'secret' WHERE id = $1` });
    answer({ ms: 900, statement: `SELECT ${'x, '.repeat(10_000)}` });
    expect(lines[0]!.fields).toMatchObject({ statement: 'UPDATE users SET name = ?, note = ? WHERE id = $1' });
    expect((lines[1]!.fields as { statement: string }).statement).toHaveLength(1_001);
  });

  it('logs in the name of whoever sent the statement, not of whoever’s answer came last', () => {
    const { lines, answer } = watch();
    const sender = { requestId: 'req_sender', tenantId: 'ten_a' };
    withLogFields({ requestId: 'req_other', runId: 'run_other' }, () => {
      answer({ ms: 900, fields: sender });
      answer({ ms: 900 });
    });
    expect(lines.map(({ context }) => context)).toEqual([sender, undefined]);
  });
});

describe('a connection', () => {
  afterEach(() => jest.restoreAllMocks());

  function client() {
    const answered: AnsweredQuery[] = [];
    const made = new TalliedClient({});
    made.onAnswer = (query) => void answered.push(query);
    made.holder = { requestId: 'req_1' };
    const query = made.query.bind(made) as unknown as (...args: unknown[]) => Promise<unknown>;
    return { answered, query };
  }

  it('tells of answers by promise and by callback, of results and of errors, once each', async () => {
    const reply = jest.spyOn(pg.Client.prototype, 'query') as unknown as jest.Mock;
    const { answered, query } = client();
    reply.mockImplementationOnce(() => Promise.resolve('rows'));
    expect(await query('SELECT 1', [])).toBe('rows');
    reply.mockImplementationOnce(() => Promise.reject(new Error('broken')));
    await expect(query({ text: 'SELECT 2' })).rejects.toThrow('broken');
    reply.mockImplementationOnce((...args: unknown[]) => (args.at(-1) as (...result: unknown[]) => void)(null, 'rows'));
    const results: unknown[] = [];
    void query({ name: 'run_start', text: 'SELECT 3' }, undefined, (...result: unknown[]) => results.push(...result));
    expect(results).toEqual([null, 'rows']);
    expect(answered.map(({ statement, fields }) => [statement, fields?.requestId])).toEqual([
      ['SELECT 1', 'req_1'],
      ['SELECT 2', 'req_1'],
      ['run_start', 'req_1'],
    ]);
  });
});
