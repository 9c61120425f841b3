import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';
import { Database } from '@guildhall/core';
import { countTokens } from '../chunking/count-tokens.js';
import type { KnowledgeDocument } from '../documents/document.js';
import { toJsonb } from '../json.js';
import { prepared } from '../prepared.js';
import { BATCH, IndexWriter } from './index-writer.js';
import { ChunkNumbering, type IndexedChunk } from './indexed-chunk.js';
import type { ParsedDocument } from './parse-document.js';

export interface IndexableDocument extends ParsedDocument {
  readonly mediaType: string;
}

/** Chunks that one transaction writes, or removes. */
interface Batch {
  readonly chunks: readonly IndexedChunk[];
  readonly obsolete: readonly string[];
}

/**
 * Puts a document into the index, all or nothing: one transaction for the usual document; a long one is written in
 * batches while it is `staged`, invisible to every query, and the last batch shows it. Chunks that an earlier
 * ingestion wrote are kept where they still hold.
 */
@Injectable()
export class DocumentIndexer {
  constructor(
    private readonly database: Database,
    private readonly writer: IndexWriter,
  ) {}

  /** Returns the number of chunks; undefined when the document was deleted meanwhile. */
  async index(ctx: RequestContext, doc: KnowledgeDocument, content: IndexableDocument): Promise<number | undefined> {
    const known = isNew(doc) ? new Set<string>() : await this.writer.chunkIds(this.database.manager, ctx, doc);
    for (const batch of batches(doc, content, known)) {
      ctx.signal.throwIfAborted();
      const done = await this.database.transaction(ctx, async (tx) => {
        const lock = await this.writer.lock(tx, ctx, doc, 'write');
        if (!lock || lock.deleted) return false;
        await this.writer.insert(
          tx,
          ctx,
          doc,
          batch.chunks.filter(({ id }) => !known.has(id)),
        );
        await this.writer.move(
          tx,
          ctx,
          batch.chunks.filter(({ id }) => known.has(id)),
        );
        await this.writer.remove(tx, ctx, doc, batch.obsolete);
        if (batch.last) await show(tx, ctx, doc, content);
        else await stage(tx, ctx, doc);
        return true;
      });
      if (!done) return undefined;
    }
    return content.spans.length;
  }
}

/** What to write, then what an earlier ingestion wrote and nobody says any more. */
function* batches(
  doc: KnowledgeDocument,
  { text, spans }: IndexableDocument,
  known: ReadonlySet<string>,
): Generator<Batch & { readonly last: boolean }> {
  const numbering = new ChunkNumbering(doc.id, doc.title, text);
  const gone = new Set(known);
  let open: Batch = { chunks: [], obsolete: [] };
  for (let at = 0; at < spans.length; at += BATCH) {
    if (at > 0) yield { ...open, last: false };
    open = { chunks: spans.slice(at, at + BATCH).map((span) => numbering.next(span)), obsolete: [] };
    for (const { id } of open.chunks) gone.delete(id);
  }
  const obsolete = [...gone];
  if (obsolete.length + open.chunks.length <= BATCH) return yield { ...open, obsolete, last: true };
  yield { ...open, last: false };
  for (let at = 0; at < obsolete.length; at += BATCH) {
    yield { chunks: [], obsolete: obsolete.slice(at, at + BATCH), last: at + BATCH >= obsolete.length };
  }
}

async function show(
  tx: EntityManager,
  ctx: RequestContext,
  doc: KnowledgeDocument,
  content: IndexableDocument,
): Promise<void> {
  await prepared(tx, 'rag_show_document', SHOW_DOCUMENT, [
    ctx.tenantId,
    doc.id,
    content.text,
    content.mediaType,
    content.hash,
    freshTokens(content),
    doc.no,
    content.textKind,
    toJsonb(content.warnings),
    toJsonb(content.metadata),
  ]);
}

/** Nothing of it was ever written: neither a whole ingestion nor the beginning of one. */
const isNew = ({ contentHash, staged }: KnowledgeDocument): boolean => contentHash === null && !staged;

const stage = (tx: EntityManager, ctx: RequestContext, doc: KnowledgeDocument): Promise<unknown> =>
  tx.query('UPDATE documents SET staged = true WHERE tenant_id = $1 AND id = $2', [ctx.tenantId, doc.id]);

/** Tokens of the document; what chunks repeat of each other counts once. */
function freshTokens({ text, spans }: IndexableDocument): number {
  let tokens = 0;
  let done = 0;
  for (const { charStart, charEnd, tokens: all } of spans) {
    tokens += charStart >= done ? all : countTokens(text, done, charEnd);
    done = Math.max(done, charEnd);
  }
  return tokens;
}

// What its sender says of it counts before what it says of itself. The counters change by the difference to what the document contributed before: nothing, for a new one.
const SHOW_DOCUMENT = `
  WITH before AS (
    SELECT chunk_count, sum_dl, content_hash IS NOT NULL AS counted, collection_id, language
    FROM documents WHERE tenant_id = $1 AND id = $2
  ), used AS (
    DELETE FROM document_source_pieces s USING before WHERE s.document_id = $2
  ), used_whole AS (
    DELETE FROM document_sources s USING before WHERE s.document_id = $2
  ), now AS (
    SELECT count(*)::int AS chunks, coalesce(sum(dl), 0)::bigint AS dl FROM chunks
    WHERE tenant_id = $1 AND document_no = $7
  ), counted AS (
    UPDATE collections c SET
      n_documents = n_documents + CASE WHEN before.counted THEN 0 ELSE 1 END,
      n_chunks = n_chunks + now.chunks - before.chunk_count,
      sum_dl = c.sum_dl + now.dl - before.sum_dl,
      languages = CASE WHEN before.language = ANY (languages) THEN languages
                       ELSE array_append(languages, before.language) END,
      updated_at = now()
    FROM before, now WHERE c.tenant_id = $1 AND c.id = before.collection_id
  )
  UPDATE documents d SET text = $3, media_type = $4, content_hash = $5, token_count = $6, status = 'ready',
    error = NULL, staged = false, chunk_count = now.chunks, sum_dl = now.dl, text_kind = $8, warnings = $9,
    metadata = $10::jsonb || metadata, updated_at = now()
  FROM now WHERE d.tenant_id = $1 AND d.id = $2`;
