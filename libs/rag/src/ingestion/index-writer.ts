import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';
import type { KnowledgeDocument } from '../documents/document.js';
import { FURTHER_FORM } from '../analysis.js';
import { toJsonb } from '../json.js';
import { textSearchConfig } from '../languages.js';
import { MAX_REPAIRABLE, MIN_REPAIRABLE } from '../retrieval/trigrams.js';
import { prepared } from '../prepared.js';
import { MAX_CHUNKS, inBatches } from './in-batches.js';
import type { IndexedChunk } from './indexed-chunk.js';

/** Words that one statement adds to the dictionary, each with a row for every trigram: it holds an embedded process. */
const WORDS_AT_ONCE = 250;

/** Any number of its own: the first key of this lib's advisory locks, the second is a collection. */
const LOCK_SPACE = 731_120_202;

/**
 * Writes chunks, their postings and the dictionary. Every method belongs in a transaction that began with `lock`:
 * collection first, document second, so that no two writers wait for each other.
 */
@Injectable()
export class IndexWriter {
  /**
   * Locks the document for writing; undefined where it was deleted meanwhile. Documents of one collection are written
   * side by side; only the purge, which takes words out of the dictionary, is alone.
   */
  async lock(
    tx: EntityManager,
    ctx: RequestContext,
    doc: KnowledgeDocument,
    mode: 'write' | 'purge',
  ): Promise<{ readonly deleted: boolean } | undefined> {
    // Writers of one collection wait for each other's words as long as a document takes, which is no sign of a hang.
    await tx.query('SET LOCAL lock_timeout = 0');
    const lock = mode === 'write' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
    const rows = await tx.query<{ deleted: boolean }[]>(
      `WITH collection AS MATERIALIZED (SELECT ${lock}($1::int, $2::int))
       SELECT d.deleted_at IS NOT NULL AS deleted FROM collection, documents d
       WHERE d.tenant_id = $3 AND d.id = $4 FOR UPDATE OF d`,
      [LOCK_SPACE, doc.collectionNo, ctx.tenantId, doc.id],
    );
    return rows[0];
  }

  /** By id, with how many words each has. */
  async knownChunks(tx: EntityManager, ctx: RequestContext, doc: KnowledgeDocument): Promise<Map<string, number>> {
    const rows = await tx.query<{ id: string; dl: number }[]>(
      'SELECT id, dl FROM chunks WHERE tenant_id = $1 AND document_no = $2',
      [ctx.tenantId, doc.no],
    );
    return new Map(rows.map(({ id, dl }) => [id, dl]));
  }

  /**
   * Chunks with their postings, then new words of the dictionary; a title or heading term counts twice. Rows of the
   * dictionary are written in order, so that two writers cannot deadlock: once a transaction.
   */
  async insert(
    tx: EntityManager,
    ctx: RequestContext,
    doc: KnowledgeDocument,
    chunks: readonly IndexedChunk[],
  ): Promise<void> {
    if (chunks.length === 0) return;
    const learnt = await prepared<{ term: string }>(tx, 'rag_insert_chunks', INSERT_CHUNKS, [
      ctx.tenantId,
      doc.collectionNo,
      doc.no,
      textSearchConfig(doc.language),
      toJsonb(chunks),
      MIN_REPAIRABLE,
      MAX_REPAIRABLE,
    ]);
    const terms = learnt.map(({ term }) => term);
    for (let at = 0; at < terms.length; at += WORDS_AT_ONCE) {
      const words = terms.slice(at, at + WORDS_AT_ONCE);
      await prepared(tx, 'rag_learn_words', LEARN_WORDS, [doc.collectionNo, words]);
    }
  }

  /** Chunks that stayed the same may have moved within the document. */
  async move(tx: EntityManager, ctx: RequestContext, chunks: readonly IndexedChunk[]): Promise<void> {
    if (chunks.length === 0) return;
    await tx.query(
      `UPDATE chunks c SET ordinal = n.ordinal, char_start = n."charStart", char_end = n."charEnd"
       FROM jsonb_to_recordset($2::jsonb) AS n (id text, ordinal int, "charStart" int, "charEnd" int)
       WHERE c.tenant_id = $1 AND c.id = n.id`,
      [
        ctx.tenantId,
        toJsonb(chunks.map(({ id, ordinal, charStart, charEnd }) => ({ id, ordinal, charStart, charEnd }))),
      ],
    );
  }

  /** Removes these chunks with their postings, and the words that nobody else in the collection says. */
  async remove(tx: EntityManager, ctx: RequestContext, doc: KnowledgeDocument, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const unsaid = await tx.query<{ term: string }[]>(REMOVE_CHUNKS, [ctx.tenantId, doc.collectionNo, doc.no, ids]);
    const terms = unsaid.map(({ term }) => term);
    for (let at = 0; at < terms.length; at += WORDS_AT_ONCE) {
      await tx.query(FORGET_WORDS, [doc.collectionNo, terms.slice(at, at + WORDS_AT_ONCE)]);
    }
  }

  /** The first of its chunks, as many as one transaction takes on. */
  async someChunkIds(tx: EntityManager, ctx: RequestContext, doc: KnowledgeDocument): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string; dl: number }[]>(
      'SELECT id, dl FROM chunks WHERE tenant_id = $1 AND document_no = $2 LIMIT $3',
      [ctx.tenantId, doc.no, MAX_CHUNKS],
    );
    const [first = []] = inBatches(rows, ({ dl }) => dl);
    return first.map(({ id }) => id);
  }
}

// The look into the dictionary is a subquery with a limit and not NOT EXISTS, which the planner may turn into a join with
// all of it: this statement is planned once, perhaps while the tables are empty. Further forms of words make no chunk longer.
const INSERT_CHUNKS = `
  WITH input AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($5::jsonb) AS i (id text, ordinal int, text text, "charStart" int, "charEnd" int,
      "headingPath" jsonb, tokens int, repeated text, head text, body text)
  ), terms AS MATERIALIZED (
    SELECT i.id, t.lexeme,
      least(cardinality(t.positions) + cardinality(array_positions(t.weights, 'A')), 32767) AS tf
    FROM input i, unnest(setweight(to_tsvector($4::regconfig, i.head), 'A') || to_tsvector($4::regconfig, i.body)) t
  ), lengths AS (
    SELECT id, sum(tf) FILTER (WHERE lexeme !~ '${FURTHER_FORM}')::int AS dl FROM terms GROUP BY id
  ), inserted AS (
    INSERT INTO chunks (id, tenant_id, document_no, ordinal, text, char_start, char_end, heading_path, tokens,
      repeated, dl)
    SELECT i.id, $1, $3, i.ordinal, i.text, i."charStart", i."charEnd",
      ARRAY (SELECT jsonb_array_elements_text(i."headingPath")), i.tokens, i.repeated, coalesce(l.dl, 0)
    FROM input i LEFT JOIN lengths l USING (id) ORDER BY i.ordinal
    RETURNING id, no, dl
  ), posted AS (
    INSERT INTO postings (collection_no, term, chunk_no, document_no, tf, dl)
    SELECT $2, t.lexeme, c.no, $3, t.tf, c.dl FROM terms t JOIN inserted c USING (id)
    ORDER BY t.lexeme, c.no
  )
  SELECT n.term FROM (SELECT DISTINCT lexeme AS term FROM terms) n
  WHERE length(n.term) BETWEEN $6 AND $7 AND n.term !~ '${FURTHER_FORM}|[0-9]' AND (
    SELECT true FROM term_trigrams k
    WHERE k.collection_no = $2 AND k.trigram = '  ' || left(n.term, 1) AND k.term = n.term LIMIT 1
  ) IS NULL
  ORDER BY n.term COLLATE "C"`;

const LEARN_WORDS = `
  INSERT INTO term_trigrams (collection_no, trigram, term, size)
  SELECT $1, t.trigram, l.term, count(*) OVER (PARTITION BY l.term)
  FROM unnest($2::text[]) AS l (term) CROSS JOIN LATERAL (
    SELECT DISTINCT substr('  ' || l.term || ' ', i, 3) AS trigram FROM generate_series(1, length(l.term) + 1) i
  ) t
  ORDER BY l.term COLLATE "C", t.trigram
  ON CONFLICT DO NOTHING`;

// Looked up word by word, by scalar subqueries that no plan turns into joins with all of a table: without statistics,
// as on the embedded database, such a join held the process for minutes.
const REMOVE_CHUNKS = `
  WITH gone AS (
    DELETE FROM chunks WHERE tenant_id = $1 AND document_no = $3 AND id = ANY ($4::text[]) RETURNING no
  ), unsaid AS (
    DELETE FROM postings p USING gone
    WHERE p.document_no = $3 AND p.chunk_no = gone.no AND p.collection_no = $2
    RETURNING p.term
  )
  SELECT u.term FROM (SELECT DISTINCT term FROM unsaid) u
  WHERE (
    SELECT true FROM postings o
    WHERE o.collection_no = $2 AND o.term = u.term AND o.chunk_no <> ALL (ARRAY (SELECT no FROM gone)) LIMIT 1
  ) IS NULL
  ORDER BY u.term COLLATE "C"`;

const FORGET_WORDS = `
  DELETE FROM term_trigrams WHERE ctid = ANY (ARRAY (
    SELECT (
      SELECT k.ctid FROM term_trigrams k
      WHERE k.collection_no = $1 AND k.trigram = substr('  ' || o.term || ' ', i, 3) AND k.term = o.term
    )
    FROM unnest($2::text[]) AS o (term) CROSS JOIN LATERAL generate_series(1, length(o.term) + 1) i
  ))`;
