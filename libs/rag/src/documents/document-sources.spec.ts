import { type Database, newId } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { type TestDatabase, testDatabase } from '@guildhall/testing';
import { CollectionRepository } from '../collections/collection.repository.js';
import { Knowledge1763700200000 } from '../migrations/0001-knowledge.js';
import { PlainSources1763700200001 } from '../migrations/0002-plain-sources.js';
import { DocumentWarnings1763700200002 } from '../migrations/0003-document-warnings.js';
import { SourcePieces1763700200003 } from '../migrations/0004-source-pieces.js';
import { SourcesOfTheReleaseBefore1763700200004 } from '../migrations/0005-sources-of-the-release-before.js';
import { DocumentRepository } from './document.repository.js';
import { DocumentSources } from './document-sources.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const ctx: RequestContext = {
  tenantId: 'ten_a',
  actor: { kind: 'system', id: 'test', scopes: ['*'] },
  requestId: 'req_1',
  signal: new AbortController().signal,
  logger,
};
const other = { ...ctx, tenantId: 'ten_b' };

/** The statements of the release before, word for word. */
const SAVE_BEFORE = `INSERT INTO document_sources (document_id, bytes)
  SELECT id, $3 FROM documents WHERE tenant_id = $1 AND id = $2
  ON CONFLICT (document_id) DO UPDATE SET bytes = excluded.bytes`;
const READ_BEFORE = `SELECT s.bytes FROM document_sources s JOIN documents d ON d.id = s.document_id
  WHERE d.tenant_id = $1 AND d.id = $2`;
const DELETE_BEFORE = `DELETE FROM document_sources s USING documents d
  WHERE d.tenant_id = $1 AND d.id = $2 AND s.document_id = d.id`;

const before = [Knowledge1763700200000, PlainSources1763700200001, DocumentWarnings1763700200002];
const sources = new DocumentSources();
const bytes = Buffer.alloc(2.5 * 1024 * 1024, 'all work and no play\n');

async function* pieces(): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1_000_000) yield await Promise.resolve(bytes.subarray(at, at + 1_000_000));
}

describe('the bytes of a document', () => {
  let server: TestDatabase;
  let database: Database;
  let waiting: string;

  const newDocument = async (): Promise<string> => {
    const id = newId('doc');
    await database.transaction(ctx, async (tx) => {
      const fields = { name: 'c', language: 'english', k1: 1.2, b: 0.75, metadata: {} };
      const collection = await new CollectionRepository().insert(tx, ctx, { id: newId('col'), ...fields });
      const document = { id, title: 'Title', language: 'english', dedupeKey: id, metadata: {} };
      await new DocumentRepository().insert(tx, ctx, collection, document);
    });
    return id;
  };
  const read = async (id: string, by = ctx): Promise<Buffer> => {
    const found: Buffer[] = [];
    for (let ordinal = 0; ; ordinal++) {
      const piece = await sources.piece(database.manager, by, id, ordinal);
      if (!piece) return Buffer.concat(found);
      found.push(piece);
    }
  };
  const save = (id: string) => database.transaction(ctx, (tx) => sources.save(tx, ctx, id, pieces()));
  const saveBefore = (id: string) => database.manager.query(SAVE_BEFORE, [ctx.tenantId, id, bytes]);
  const readBefore = async (id: string): Promise<Buffer | undefined> =>
    (await database.manager.query<{ bytes: Buffer }[]>(READ_BEFORE, [ctx.tenantId, id]))[0]?.bytes;

  beforeAll(async () => {
    server = await testDatabase({ migrations: before });
    ({ database } = await server.connect());
    waiting = await newDocument();
    await saveBefore(waiting);
    await database.transaction(ctx, async (tx) => {
      await new SourcePieces1763700200003().up(tx.queryRunner!);
      await new SourcesOfTheReleaseBefore1763700200004().up(tx.queryRunner!);
    });
  });
  afterAll(() => server.close());

  it('are there for both releases where they waited when the schema changed', async () => {
    expect((await readBefore(waiting))!.equals(bytes)).toBe(true);
    expect((await read(waiting)).equals(bytes)).toBe(true);
  });

  it('are read in pieces though the release before stores them whole', async () => {
    const id = await newDocument();
    await saveBefore(id);
    await saveBefore(id);
    expect(await sources.size(database.manager, ctx, id)).toBe(bytes.length);
    expect((await sources.piece(database.manager, ctx, id, 0))!.length).toBe(1024 * 1024);
    expect((await read(id)).equals(bytes)).toBe(true);
    expect(await sources.size(database.manager, other, id)).toBeUndefined();
    expect(await read(id, other)).toHaveLength(0);
  });

  it('are read back as they were stored in pieces, also where both releases stored them', async () => {
    const id = await newDocument();
    await save(id);
    expect((await read(id)).equals(bytes)).toBe(true);
    await saveBefore(id);
    expect(await sources.size(database.manager, ctx, id)).toBe(bytes.length);
    await database.manager.query(DELETE_BEFORE, [ctx.tenantId, id]);
    expect((await read(id)).equals(bytes)).toBe(true);
  });

  it('leave both places when they are forgotten, and no other tenant makes them', async () => {
    const id = await newDocument();
    await save(id);
    await saveBefore(id);
    await sources.delete(database.manager, other, id);
    expect(await sources.size(database.manager, ctx, id)).toBe(bytes.length);
    await sources.delete(database.manager, ctx, id);
    expect(await sources.size(database.manager, ctx, id)).toBeUndefined();
    expect(await readBefore(id)).toBeUndefined();
  });

  it('keep their pieces where a build between the two releases stored several', async () => {
    const between = await testDatabase({ migrations: [...before, SourcePieces1763700200003] });
    const { database: own } = await between.connect();
    await own.manager.query(`
      INSERT INTO collections (id, tenant_id, name, language, k1, b) VALUES ('col', 'ten_a', 'c', 'english', 1, 1);
      INSERT INTO documents (id, tenant_id, collection_id, collection_no, title, language, dedupe_key, status)
        SELECT id, 'ten_a', 'col', 1, id, 'english', id, 'queued' FROM unnest('{one,two}'::text[]) AS id;
      INSERT INTO document_source_pieces (document_id, ordinal, bytes)
        VALUES ('one', 0, 'whole'), ('two', 0, 'first '), ('two', 1, 'second');`);
    await own.transaction(ctx, (tx) => new SourcesOfTheReleaseBefore1763700200004().up(tx.queryRunner!));
    const text = (rows: { bytes: Buffer }[]) => rows.map((row) => row.bytes.toString());
    expect(text(await own.manager.query(READ_BEFORE, ['ten_a', 'one']))).toEqual(['whole']);
    expect(text(await own.manager.query(READ_BEFORE, ['ten_a', 'two']))).toEqual([]);
    expect((await sources.piece(own.manager, ctx, 'two', 1))!.toString()).toBe('second');
    await between.close();
  });
});
