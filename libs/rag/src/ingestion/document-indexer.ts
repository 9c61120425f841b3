import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';
import { Database } from '@guildhall/core';
import { countTokens } from '../chunking/count-tokens.js';
import type { KnowledgeDocument } from '../documents/document.js';
import { toJsonb } from '../json.js';
import { prepared } from '../prepared.js';
import { inBatches } from './in-batches.js';
import { IndexWriter } from './index-writer.js';
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
    const known = isNew(doc)
      ? new Map<string, number>()
      : await this.writer.knownChunks(this.database.manager, ctx, doc);
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

/** What to write, then what an earlier ingestion wrote and nobody says any more; the last one says that it is. */
function* batches(
  doc: KnowledgeDocument,
  content: IndexableDocument,
  known: ReadonlyMap<string, number>,
): Generator<Batch & { readonly last: boolean }> {
  let open: Batch | undefined;
  for (const next of steps(doc, content, known)) {
    if (open) yield { ...open, last: false };
    open = next;
  }
  if (open) yield { ...open, last: true };
}

function* steps(
  doc: KnowledgeDocument,
  content: IndexableDocument,
  known: ReadonlyMap<string, number>,
): Generator<Batch> {
  for (const changes of inBatches(changesTo(doc, content, known), ({ words }) => words)) {
    const chunks = changes.flatMap(({ chunk }) => chunk ?? []);
    yield { chunks, obsolete: changes.flatMap(({ obsolete }) => obsolete ?? []) };
  }
}

interface Change {
  /** To write, or to move where it is known. */
  readonly chunk?: IndexedChunk;
  readonly obsolete?: string;
  /** That the index gains or loses. */
  readonly words: number;
}

function* changesTo(
  doc: KnowledgeDocument,
  { text, spans }: IndexableDocument,
  known: ReadonlyMap<string, number>,
): Generator<Change> {
  const numbering = new ChunkNumbering(doc.id, doc.title, text);
  const gone = new Map(known);
  for (const span of spans) {
    const chunk = numbering.next(span);
    gone.delete(chunk.id);
    yield { chunk, words: known.has(chunk.id) ? 0 : new Set(chunk.body.split(' ')).size };
  }
  for (const [obsolete, words] of gone) yield { obsolete, words };
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
