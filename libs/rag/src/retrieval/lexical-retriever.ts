import { Injectable } from '@nestjs/common';
import {
  type RequestContext,
  type RetrievalMode,
  type RetrievalQuery,
  type RetrievalResult,
  type Retriever,
  ValidationError,
} from '@guildhall/sdk';
import { Database } from '@guildhall/core';
import { analysisWords } from '../analysis.js';
import type { Collection } from '../collections/collection.js';
import { CollectionRepository } from '../collections/collection.repository.js';
import { compileFilter } from './filter.js';
import { LexicalIndex } from './lexical-index.js';
import { type QueryTerm, countWords, prepareTerms, withRepairs } from './query-terms.js';
import { FIRST_FILTER_PARAM } from './scoring-sql.js';
import { isRepairable } from './trigrams.js';

const DEFAULT_TOP_K = 8;

/** Finds passages by BM25. `groups` are believed: whoever takes them from a request checks `knowledge:groups` first. */
@Injectable()
export class LexicalRetriever implements Retriever {
  constructor(
    private readonly database: Database,
    private readonly collections: CollectionRepository,
    private readonly index: LexicalIndex,
  ) {}

  async retrieve(ctx: RequestContext, query: RetrievalQuery): Promise<RetrievalResult> {
    ctx.signal.throwIfAborted();
    const tx = this.database.manager;
    const collection = await this.collections.get(tx, ctx, query.collectionId);
    refuseUnservedMode(query.mode);
    const filter = compileFilter(query.filter, FIRST_FILTER_PARAM);
    const terms = await this.terms(collection, query.query);
    if (terms.length === 0) return { mode: 'lexical', hits: [] };
    const limit = Math.min(Math.max(query.topK ?? DEFAULT_TOP_K, 1), 100);
    const hits = await this.index.search(tx, collection, { terms, limit, filter, groups: query.groups ?? [] });
    return { mode: 'lexical', hits };
  }

  private async terms(collection: Collection, text: string): Promise<readonly QueryTerm[]> {
    const tx = this.database.manager;
    const counts = countWords(analysisWords(text));
    if (counts.size === 0) return [];
    const prepared = prepareTerms(counts, await this.index.readings(tx, collection, [...counts.keys()]));
    const unknown = prepared.unknown.map(({ term }) => term).filter(isRepairable);
    if (unknown.length === 0) return prepared.terms;
    return withRepairs(prepared, await this.index.repairs(tx, collection, unknown));
  }
}

function refuseUnservedMode(mode: RetrievalMode | undefined): void {
  if (mode !== 'dense' && mode !== 'hybrid') return;
  throw new ValidationError(`The collection has no embedding model, which mode '${mode}' needs`, [
    {
      path: 'mode',
      code: 'embedding_required',
      message: 'Use "lexical", or "auto", which takes what the collection has',
    },
  ]);
}
