import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database, Settings } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { ModelResponses1763800200000 } from '../../migrations/0004-model-responses.js';
import { inputItems } from './input-items.js';
import { KeptResponses } from './kept-responses.js';
import { messageItem } from './output-items.js';
import { ResponseRepository } from './response.repository.js';
import { ResponseRetentionJob } from './response-retention.job.js';
import { outputText } from './content-parts.js';

const contextOf = (tenantId: string) =>
  ({ tenantId, signal: new AbortController().signal, logger: { info: () => undefined } }) as unknown as RequestContext;
const ctx = contextOf('ten_a');
const stranger = contextOf('ten_b');

describe('stored responses', () => {
  let testing: TestDatabase;
  let database: Database;
  let kept: KeptResponses;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [ModelResponses1763800200000] });
    ({ database } = await testing.connect());
    kept = new KeptResponses(database, new ResponseRepository());
  });
  afterEach(() => database.pool.query('DELETE FROM model_responses'));
  afterAll(() => testing.close());

  const put = async (id: string, previousId: string | null = null, said = id, status = 'completed') => {
    const input = inputItems([{ id: `in_${id}`, role: 'user', content: `${said}?` }]);
    const output = [messageItem(`out_${id}`, 'completed', [outputText(`${said}.`)])];
    const response = { id, model: 'a/b', status: status as 'completed', output };
    await kept.keep(ctx, { id, previousId, input, response, runId: null, threadId: null });
  };
  const age = (id: string, days: number) =>
    database.pool.query(`UPDATE model_responses SET used_at = now() - $2 * interval '1 day' WHERE id = $1`, [id, days]);
  const ids = async () =>
    (await database.pool.query<{ id: string }>('SELECT id FROM model_responses ORDER BY id')).rows.map(({ id }) => id);

  it('are told again as they were, whatever characters they hold', async () => {
    const odd = 'NUL \u0000, half \ud83d, quote " and \\u0000';
    await put('r1', null, odd);
    const { response, input } = await kept.get(ctx, 'r1');
    expect(response.output[0]!['content']).toMatchObject([{ text: `${odd}.` }]);
    expect(input[0]!['content']).toEqual([{ type: 'input_text', text: `${odd}?` }]);
  });

  it('make a conversation, oldest first', async () => {
    await put('r1');
    await put('r2', 'r1');
    await put('r3', 'r2');
    const said = (await kept.conversation(ctx, 'r3')).map(({ id }) => id);
    expect(said).toEqual(['in_r1', 'out_r1', 'in_r2', 'out_r2', 'in_r3', 'out_r3']);
  });

  it('do not exist for another tenant', async () => {
    await put('r1');
    for (const call of [kept.get(stranger, 'r1'), kept.delete(stranger, 'r1')]) {
      await expect(call).rejects.toMatchObject({ code: 'response_not_found' });
    }
    await expect(kept.previous(stranger, 'r1')).rejects.toMatchObject({ code: 'previous_response_not_found' });
    await kept.delete(ctx, 'r1');
    await expect(kept.get(ctx, 'r1')).rejects.toMatchObject({ code: 'response_not_found' });
  });

  it('are not gone on from where one of the conversation is gone, or the last has failed', async () => {
    await put('r1');
    await put('r2', 'r1');
    await put('r3', 'r2', 'x', 'failed');
    await expect(kept.previous(ctx, 'r3')).rejects.toMatchObject({ details: [{ path: 'previous_response_id' }] });
    await kept.delete(ctx, 'r1');
    await expect(kept.conversation(ctx, 'r2')).rejects.toMatchObject({ code: 'previous_response_not_found' });
  });

  it('are not gone on from where the conversation is too long', async () => {
    await put('r1');
    await put('r2', 'r1');
    await database.pool.query('UPDATE model_responses SET bytes = 11000000');
    await expect(kept.conversation(ctx, 'r2')).rejects.toMatchObject({ details: [{ path: 'previous_response_id' }] });
    await expect(kept.conversation(ctx, 'r1')).resolves.toHaveLength(2);
    // A ring cannot come about by requests; it must not hang a process either.
    await database.pool.query(`UPDATE model_responses SET bytes = 1, previous_id = 'r2'`);
    await expect(kept.conversation(ctx, 'r2')).rejects.toMatchObject({ details: [{ path: 'previous_response_id' }] });
  });

  it('are removed in time, unless they were gone on from since', async () => {
    const job = new ResponseRetentionJob(database, { RESPONSE_RETENTION_DAYS: 30 } as Settings);
    for (const id of ['r1', 'r2', 'r3', 'r4']) await put(id, id === 'r2' ? 'r1' : null);
    await age('r1', 31);
    await age('r2', 29);
    await age('r3', 31);
    await kept.conversation(ctx, 'r2');
    await job.handle(ctx);
    expect(await ids()).toEqual(['r1', 'r2', 'r4']);
    await database.pool.query(
      `INSERT INTO model_responses (tenant_id, id, input, response, bytes, used_at)
       SELECT 'ten_b', 'old_' || n, '[]', '{}', 4, now() - interval '31 days' FROM generate_series(1, 1001) n`,
    );
    await expect(job.handle({ ...ctx, signal: AbortSignal.abort() })).rejects.toThrow();
    await job.handle(ctx);
    expect(await ids()).toEqual(['r1', 'r2', 'r4']);
  });
});
