import { setImmediate } from 'node:timers/promises';
import { Database, type OutboundClient, type Settings, newId } from '@guildhall/core';
import { type EventBus, type RequestContext, UpstreamError } from '@guildhall/sdk';
import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Collection } from '../collections/collection.js';
import { CollectionRepository } from '../collections/collection.repository.js';
import { DocumentRepository } from '../documents/document.repository.js';
import type { KnowledgeDocument } from '../documents/document.js';
import { Knowledge1763700200000 } from '../migrations/0001-knowledge.js';
import { PlainSources1763700200001 } from '../migrations/0002-plain-sources.js';
import { DocumentWarnings1763700200002 } from '../migrations/0003-document-warnings.js';
import { LexicalIndex } from '../retrieval/lexical-index.js';
import { LexicalRetriever } from '../retrieval/lexical-retriever.js';
import { DocumentIndexer } from './document-indexer.js';
import { GiveUpIngestionJob } from './give-up-ingestion.job.js';
import { DocumentSources } from '../documents/document-sources.js';
import { bytesOfText } from '../documents/content-bytes.js';
import { SourcePieces1763700200003 } from '../migrations/0004-source-pieces.js';
import { SourcesOfTheReleaseBefore1763700200004 } from '../migrations/0005-sources-of-the-release-before.js';
import { IndexWriter } from './index-writer.js';
import { IngestDocumentJob } from './ingest-document.job.js';
import { PostingsVacuum } from './postings-vacuum.js';
import { PurgeJob } from './purge.job.js';
import { SourceLoader } from './source-loader.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const ctx: RequestContext = {
  tenantId: 'ten_a',
  actor: { kind: 'system', id: 'test', scopes: ['*'] },
  requestId: 'req_1',
  signal: new AbortController().signal,
  logger,
};

let server: TestDatabase;
let database: Database;
let events: { type: string; data: object }[];
let answer: () => ReturnType<OutboundClient['request']>;

beforeAll(async () => {
  server = await testDatabase({
    migrations: [
      Knowledge1763700200000,
      PlainSources1763700200001,
      DocumentWarnings1763700200002,
      SourcePieces1763700200003,
      SourcesOfTheReleaseBefore1763700200004,
    ],
  });
  ({ database } = await server.connect());
});
beforeEach(() => {
  events = [];
});
afterAll(() => server.close());

const collections = new CollectionRepository();
const documents = new DocumentRepository();
const kept = new DocumentSources();

/** The parts as the module wires them, with a network that answers what the test says. */
function house({ writer = new IndexWriter() } = {}) {
  const bus = { emit: (type: string, data: object) => events.push({ type, data }) } as unknown as EventBus;
  const outbound = { request: () => answer() } as unknown as OutboundClient;
  const vacuum = new PostingsVacuum(database, { embedded: server.kind === 'embedded' } as Settings);
  const indexer = new DocumentIndexer(database, writer);
  const sources = new SourceLoader(database, kept, outbound);
  return {
    ingest: new IngestDocumentJob(database, documents, kept, sources, indexer, vacuum, bus, { left: Infinity }),
    purge: new PurgeJob(database, writer, vacuum),
    giveUp: new GiveUpIngestionJob(database, documents, bus),
    retriever: new LexicalRetriever(database, collections, new LexicalIndex()),
  };
}

const newCollection = (): Promise<Collection> =>
  collections.insert(database.manager, ctx, {
    id: newId('col'),
    name: 'c',
    language: 'english',
    k1: 1.2,
    b: 0.75,
    metadata: {},
  });

async function newDocument(collection: Collection, text: string | { url: string }): Promise<KnowledgeDocument> {
  const id = newId('doc');
  const place = typeof text === 'string' ? { mediaType: 'text/markdown' } : text;
  return database.transaction(ctx, async (tx) => {
    const fields = { id, title: 'Title', language: 'english', dedupeKey: id, metadata: {}, ...place };
    const doc = await documents.insert(tx, ctx, collection, fields);
    if (typeof text === 'string') await kept.save(tx, ctx, id, bytesOfText(text).pieces());
    return doc!;
  });
}

const find = async (collection: Collection, query: string) =>
  (await house().retriever.retrieve(ctx, { collectionId: collection.id, query })).hits;

const read = (doc: KnowledgeDocument) => documents.get(database.manager, ctx, doc.id);

/** What the counters say against what the rows say. */
const counters = async ({ id, no }: Collection) => {
  const { documents: n, chunks, sumDl } = await collections.get(database.manager, ctx, id);
  const [rows] = await database.manager.query<object[]>(
    `SELECT count(DISTINCT d.id)::int AS documents, count(c.no)::int AS chunks, coalesce(sum(c.dl), 0)::int AS "sumDl"
     FROM documents d LEFT JOIN chunks c ON c.document_no = d.no
     WHERE d.collection_no = $1 AND d.status = 'ready' AND d.deleted_at IS NULL`,
    [no],
  );
  return [{ documents: n, chunks, sumDl }, rows];
};

const section = (n: number) => `## Section ${n}\n\nThe walrus number ${n} swims.\n\n`;
const LONG = Array.from({ length: 150 }, (_, n) => section(n)).join('');

describe('ingestion', () => {
  it('makes a document ready, forgets its bytes and says so', async () => {
    const collection = await newCollection();
    const doc = await newDocument(collection, '# Walrus\n\nIt swims.');
    await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 });
    expect(await read(doc)).toMatchObject({ status: 'ready', chunkCount: 1, mediaType: 'text/markdown' });
    expect(await kept.size(database.manager, ctx, doc.id)).toBeUndefined();
    expect(events).toEqual([
      { type: 'document.ready', data: { documentId: doc.id, collectionId: collection.id, chunkCount: 1 } },
    ]);
    await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 });
    expect(events).toHaveLength(1);
    const [said, counted] = await counters(collection);
    expect(said).toEqual(counted);
  });

  it('fails a document whose job is dead, keeps its bytes, and ingests it when the job is retried', async () => {
    const collection = await newCollection();
    const doc = await newDocument(collection, '# Walrus\n\nIt swims.');
    await documents.claim(database.manager, ctx, doc.id);
    await house().giveUp.handle({ ...ctx, tenantId: 'ten_b' }, { documentId: doc.id });
    expect(await read(doc)).toMatchObject({ status: 'processing' });
    await house().giveUp.handle(ctx, { documentId: doc.id });
    expect(await read(doc)).toMatchObject({ status: 'failed', error: { code: 'ingestion_given_up' } });
    const data = { documentId: doc.id, collectionId: collection.id, code: 'ingestion_given_up' };
    expect(events).toEqual([{ type: 'document.failed', data }]);
    await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 });
    expect(await read(doc)).toMatchObject({ status: 'ready', error: null });
    await house().giveUp.handle(ctx, { documentId: doc.id });
    expect(await read(doc)).toMatchObject({ status: 'ready', error: null });
  });

  it('shows a long document only when all of it is written, and goes on where a broken attempt ended', async () => {
    const collection = await newCollection();
    const doc = await newDocument(collection, LONG);
    let batches = 0;
    class Breaking extends IndexWriter {
      override insert(...args: Parameters<IndexWriter['insert']>): Promise<void> {
        if (++batches > 2) throw new Error('connection lost');
        return super.insert(...args);
      }
    }
    const broken = house({ writer: new Breaking() }).ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 });
    await expect(broken).rejects.toThrow('connection lost');
    expect(await read(doc)).toMatchObject({ status: 'processing', staged: true });
    expect(await find(collection, 'walrus')).toEqual([]);

    await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 2 });
    expect(await read(doc)).toMatchObject({ status: 'ready', staged: false, chunkCount: 150 });
    expect((await find(collection, 'walrus 149'))[0]?.text).toContain('number 149');
    const [said, counted] = await counters(collection);
    expect(said).toEqual(counted);
  });

  it('tries what may pass again and then fails in words that tell nothing of the inside', async () => {
    const doc = await newDocument(await newCollection(), { url: 'http://example.com/a' });
    answer = () => Promise.reject(new Error('SELECT secret FROM table'));
    await expect(house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 3 })).rejects.toThrow('secret');
    await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 4 });
    expect(await read(doc)).toMatchObject({ status: 'failed', error: { code: 'internal_error' } });
    expect((await read(doc)).error!.message).not.toContain('secret');
    expect(events).toEqual([expect.objectContaining({ type: 'document.failed' })]);
  });

  it('tries an overloaded address again, and fails for one that has nothing', async () => {
    const doc = await newDocument(await newCollection(), { url: 'http://example.com/a' });
    const status = (code: number) => async () => ({ status: code, headers: {}, body: Buffer.from(''), url: doc.url! });
    answer = status(503);
    await expect(house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 })).rejects.toThrow(UpstreamError);
    answer = status(404);
    await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 2 });
    expect(await read(doc)).toMatchObject({ status: 'failed', error: { code: 'document_fetch_failed' } });
  });

  it('gives a job back when the process stops, whatever the attempt', async () => {
    const doc = await newDocument(await newCollection(), { url: 'http://example.com/a' });
    const stopping = new AbortController();
    answer = () => {
      stopping.abort(new Error('stopping'));
      return Promise.reject(stopping.signal.reason as Error);
    };
    const stopped = { ...ctx, signal: stopping.signal };
    await expect(house().ingest.handle(stopped, { documentId: doc.id }, { attempt: 4 })).rejects.toThrow('stopping');
    expect((await read(doc)).status).toBe('processing');
  });

  it('leaves a document alone that is deleted while it is read', async () => {
    const collection = await newCollection();
    const doc = await newDocument(collection, { url: 'http://example.com/a' });
    answer = async () => {
      await database.transaction(ctx, (tx) => documents.markDeleted(tx, ctx, doc));
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('walrus'), url: doc.url! };
    };
    await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 });
    expect(events).toEqual([]);
    expect(await find(collection, 'walrus')).toEqual([]);
  });

  it('serves others while it reads a big document', async () => {
    const doc = await newDocument(await newCollection(), 'Some words of a long story. '.repeat(8000));
    let done = false;
    let turns = 0;
    const ingestion = house()
      .ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 })
      .finally(() => (done = true));
    while (!done) {
      await setImmediate();
      turns++;
    }
    await ingestion;
    expect(turns).toBeGreaterThan(20);
  });
});

describe('the purge', () => {
  it('leaves no word of a deleted document in any table, and every word of the others', async () => {
    const collection = await newCollection();
    const [gone, stays] = [
      await newDocument(collection, 'The canarybird sings together.'),
      await newDocument(collection, 'The sparrow sings together.'),
    ];
    for (const doc of [gone, stays]) await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 });
    await database.transaction(ctx, (tx) => documents.markDeleted(tx, ctx, gone));
    expect(await find(collection, 'canarybird')).toEqual([]);
    await house().purge.handle(ctx, { collectionId: collection.id });
    for (const table of [
      'documents',
      'document_source_pieces',
      'document_sources',
      'chunks',
      'postings',
      'term_trigrams',
    ]) {
      const [{ n }] = await database.manager.query(
        `SELECT count(*)::int AS n FROM ${table} t WHERE t::text LIKE '%canarybird%'`,
      );
      expect([table, n]).toEqual([table, 0]);
    }
    expect(await find(collection, 'sparow togather')).toHaveLength(1);
    const [said, counted] = await counters(collection);
    expect(said).toEqual(counted);
  });

  it('removes a deleted collection with all of its documents, in batches', async () => {
    const collection = await newCollection();
    const doc = await newDocument(collection, Array.from({ length: 250 }, (_, n) => section(n)).join(''));
    await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 });
    await database.transaction(ctx, (tx) => collections.markDeleted(tx, ctx, collection.id));
    await house().purge.handle(ctx, { collectionId: collection.id });
    for (const [table, column] of [
      ['collections', 'no'],
      ['documents', 'collection_no'],
      ['postings', 'collection_no'],
      ['term_trigrams', 'collection_no'],
    ]) {
      const [{ n }] = await database.manager.query(`SELECT count(*)::int AS n FROM ${table} WHERE ${column} = $1`, [
        collection.no,
      ]);
      expect([table, n]).toEqual([table, 0]);
    }
  });
});

describe('a query of rare and common words', () => {
  it('finds by the rare ones, and lets the common ones add to what was found', async () => {
    const collection = await newCollection();
    for (const text of ['zebra', 'zebra walrus', 'walrus']) {
      const doc = await newDocument(collection, text);
      await house().ingest.handle(ctx, { documentId: doc.id }, { attempt: 1 });
    }
    const fresh = await collections.get(database.manager, ctx, collection.id);
    const hits = await new LexicalIndex().search(database.manager, fresh, {
      terms: [
        { term: 'walrus', weight: 1, df: 300_000, family: 'walrus' },
        { term: 'zebra', weight: 1, df: 2, family: 'zebra' },
      ],
      limit: 10,
      filter: { sql: 'true', params: [] },
      groups: [],
    });
    expect(hits.map(({ text }) => text).toSorted()).toEqual(['zebra', 'zebra walrus']);
  });
});
