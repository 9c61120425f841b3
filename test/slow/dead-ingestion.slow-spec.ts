import { Database } from '@guildhall/core';
import { type TestApp, startTestApp } from '@guildhall/testing';

interface Document {
  readonly status: string;
  readonly error?: { readonly code: string; readonly message: string };
}

describe('a document whose ingestion killed its process each time', () => {
  let house: TestApp;
  let collectionId: string;
  beforeAll(async () => {
    house = await startTestApp();
    collectionId = (await house.post('/api/v1/collections', { name: 'handbook' })).body.data.id;
  });
  afterAll(() => house?.close());

  const document = async (id: string): Promise<Document> => (await house.get(`/api/v1/documents/${id}`)).body.data;
  const rests = async (id: string): Promise<Document> => {
    for (;;) {
      const found = await document(id);
      if (found.status === 'ready' || found.status === 'failed') return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  /** The rows as such a process leaves them: its last attempt half done, nobody at work on it. */
  const killed = (id: string) =>
    house.app.get(Database).manager.transaction(async (tx) => {
      await tx.query(
        `UPDATE pgboss.job SET state = 'active', retry_count = retry_limit, completed_on = NULL, output = NULL,
           started_on = now(), heartbeat_on = now() - interval '1 minute'
         WHERE name = 'document.ingestion' AND data->'data'->>'documentId' = $1`,
        [id],
      );
      await tx.query(`UPDATE documents SET status = 'processing', content_hash = NULL, staged = true WHERE id = $1`, [
        id,
      ]);
    });

  it('fails within seconds with a reason, and can be sent again', async () => {
    const path = `/api/v1/collections/${collectionId}/documents`;
    const input = { title: 'Heavy', text: 'The heaviest of all documents.' };
    const id = (await house.post(path, input)).body.data.id as string;
    expect((await rests(id)).status).toBe('ready');
    await killed(id);
    expect((await document(id)).status).toBe('processing');
    expect(await rests(id)).toMatchObject({
      status: 'failed',
      error: { code: 'ingestion_given_up', message: expect.stringContaining('send it again') },
    });
    await house.post(path, input);
    expect(await rests(id)).toMatchObject({ status: 'ready' });
  });
});

describe('a document that a process of the release before took in', () => {
  let house: TestApp;
  beforeAll(async () => {
    house = await startTestApp();
  });
  afterAll(() => house?.close());

  it('is ingested from its queue, and none of today comes to that queue, whose workers could not read it', async () => {
    const { id: collectionId } = (await house.post('/api/v1/collections', { name: 'handbook' })).body.data;
    const path = `/api/v1/collections/${collectionId}/documents`;
    const { id } = (await house.post(path, { title: 'Walrus', text: 'It swims.' })).body.data;
    const ready = async () => {
      while ((await house.get(`/api/v1/documents/${id}`)).body.data.status !== 'ready') {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    await ready();
    const { manager } = house.app.get(Database);
    const jobs = await manager.query(`SELECT name FROM pgboss.job WHERE data->'data'->>'documentId' = $1`, [id]);
    expect(jobs).toEqual([{ name: 'document.ingestion' }]);
    // As that process leaves it.
    await manager.transaction(async (tx) => {
      await tx.query(`UPDATE documents SET status = 'queued', content_hash = NULL WHERE id = $1`, [id]);
      await tx.query(`INSERT INTO document_sources (document_id, bytes) VALUES ($1, 'The walrus swims.')`, [id]);
      await tx.query(
        `INSERT INTO pgboss.job (name, data, retry_limit, expire_seconds, singleton_key, policy)
         SELECT 'document.ingest', data, 3, 1800, 'before', 'exclusive' FROM pgboss.job
         WHERE data->'data'->>'documentId' = $1`,
        [id],
      );
    });
    await ready();
    expect((await house.get(`/api/v1/documents/${id}/text`)).body.data.text).toBe('The walrus swims.');
    expect(await manager.query('SELECT FROM document_sources')).toEqual([]);
  });
});
