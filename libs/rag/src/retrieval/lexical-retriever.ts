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
import { queryWords } from '../analysis.js';
import type { Collection } from '../collections/collection.js';
import { CollectionRepository } from '../collections/collection.repository.js';
import { compileFilter } from './filter.js';
import { LexicalIndex } from './lexical-index.js';
import { PHRASE_CANDIDATES, phrasesFirst, phrasesIn } from './query-phrases.js';
import { type PreparedTerms, type QueryTerm, prepareTerms, withCompounds, withRepairs } from './query-terms.js';
import { FIRST_FILTER_PARAM } from './scoring-sql.js';
import { isPart, isRepairable } from './trigrams.js';

const DEFAULT_TOP_K = 8;
/** A long query finds enough without their compounds. */
const MAX_PARTS = 6;

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
    const search = { terms, filter, groups: query.groups ?? [] };
    const phrases = phrasesIn(query.query);
    if (phrases.length === 0) {
      return { mode: 'lexical', hits: await this.index.search(tx, collection, { ...search, limit }) };
    }
    const hits = await this.index.search(tx, collection, { ...search, limit: PHRASE_CANDIDATES });
    return { mode: 'lexical', hits: phrasesFirst(hits, phrases).slice(0, limit) };
  }

  private async terms(collection: Collection, text: string): Promise<readonly QueryTerm[]> {
    const tx = this.database.manager;
    const words = queryWords(text);
    if (words.length === 0) return [];
    const readings = await this.index.readings(
      tx,
      collection,
      words.map(({ word }) => word),
    );
    const read = prepareTerms(words, readings);
    const prepared = withCompounds(read, await this.index.compounds(tx, collection, partsOf(read)));
    const unknown = prepared.unknown.map(({ term }) => term).filter(isRepairable);
    if (unknown.length === 0) return prepared.terms;
    return withRepairs(prepared, await this.index.repairs(tx, collection, unknown));
  }
}

/** Terms that compounds are looked for: the longest, as they say most and are in the fewest. */
function partsOf({ terms, unknown }: PreparedTerms): string[] {
  const parts = [...terms, ...unknown].filter(({ term, family }) => term === family && isPart(term));
  return parts
    .map(({ term }) => term)
    .toSorted((a, b) => b.length - a.length)
    .slice(0, MAX_PARTS);
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
