import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Passage } from '@guildhall/sdk';
import type { Collection } from '../collections/collection.js';
import { toJsonb } from '../json.js';
import { textSearchConfig } from '../languages.js';
import type { CompiledFilter } from './filter.js';
import type { Compound, QueryTerm, WordReading } from './query-terms.js';
import { scoringSql } from './scoring-sql.js';
import { CANDIDATES, POSTINGS_BUDGET, splitTerms } from './split-terms.js';
import { MAX_COMPOUNDS, MIN_REST, MIN_SIMILARITY, middleTrigram, trigramsOf } from './trigrams.js';

export interface Search {
  readonly terms: readonly QueryTerm[];
  readonly limit: number;
  readonly filter: CompiledFilter;
  readonly groups: readonly string[];
}

type Hit = Omit<Passage, 'ranks' | 'page' | 'repeated'> & {
  readonly page: number | null;
  readonly repeated: string | null;
};

/** The postings, asked in SQL. Nothing of the index is held in the process. */
@Injectable()
export class LexicalIndex {
  /** How each word reads in each language of the collection, and how common that is. */
  readings(tx: EntityManager, collection: Collection, words: readonly string[]): Promise<WordReading[]> {
    const configs = new Set([...collection.languages, collection.language].map(textSearchConfig));
    // Counting costs as much as reading: only where the words could add up to more than the budget.
    const countUpTo = words.length * collection.chunks > POSTINGS_BUDGET ? POSTINGS_BUDGET + 1 : 1;
    return tx.query(READINGS, [collection.no, words, [...configs], countUpTo]);
  }

  /** The nearest dictionary term of each unknown one, where any is near enough. */
  async repairs(
    tx: EntityManager,
    collection: Collection,
    terms: readonly string[],
  ): Promise<Map<string, { term: string; similarity: number }>> {
    const wanted = terms.flatMap((term) => {
      const trigrams = trigramsOf(term);
      return trigrams.map((trigram) => ({ unknown: term, trigram, size: trigrams.length }));
    });
    const rows = await tx.query<{ unknown: string; term: string; similarity: number }[]>(REPAIRS, [
      collection.no,
      toJsonb(wanted),
      MIN_SIMILARITY,
    ]);
    return new Map(rows.map(({ unknown, ...repair }) => [unknown, repair]));
  }

  /** The shortest dictionary terms that hold one of these and another word's length beside it. */
  compounds(tx: EntityManager, collection: Collection, parts: readonly string[]): Promise<Compound[]> {
    const trigrams = parts.map(middleTrigram);
    return tx.query(COMPOUNDS, [collection.no, parts, trigrams, MIN_REST, MAX_COMPOUNDS]);
  }

  async search(tx: EntityManager, collection: Collection, search: Search): Promise<Passage[]> {
    const restricted = search.filter.sql !== 'true' || (await this.hidesSomething(tx, collection));
    const { finding, adding } = splitTerms(search.terms);
    const averageLength = Math.max(collection.sumDl / Math.max(collection.chunks, 1), 1);
    const rows = await tx.query<Hit[]>(scoringSql(search.filter.sql, restricted), [
      collection.no,
      finding.map(({ term }) => term),
      finding.map(({ weight }) => weight),
      collection.chunks,
      averageLength,
      collection.k1,
      collection.b,
      adding.length > 0 ? Math.max(CANDIDATES, search.limit) : search.limit,
      collection.tenantId,
      search.groups,
      adding.map(({ term }) => term),
      adding.map(({ weight }) => weight),
      adding.map(({ df }) => df),
      search.limit,
      finding.map(({ family }) => family),
      ...search.filter.params,
    ]);
    return rows.map(({ page, repeated, ...hit }, i) => ({
      ...hit,
      ...(page === null ? {} : { page }),
      ...(repeated === null ? {} : { repeated }),
      ranks: { lexical: i + 1 },
    }));
  }

  /** Whether any document of the collection is not for everybody; without one, ranking need not look at documents. */
  private async hidesSomething(tx: EntityManager, collection: Collection): Promise<boolean> {
    const [row] = await tx.query<[{ hides: boolean }]>(
      `SELECT EXISTS (
         SELECT FROM documents
         WHERE tenant_id = $2 AND collection_no = $1 AND (acl IS NOT NULL OR staged OR deleted_at IS NOT NULL)
       ) AS hides`,
      [collection.no, collection.tenantId],
    );
    return row.hides;
  }
}

const READINGS = `
  SELECT w.word, t.lexeme AS term,
    (SELECT count(*)::int FROM (
      SELECT FROM postings p WHERE p.collection_no = $1 AND p.term = t.lexeme LIMIT $4
    ) AS counted) AS df
  FROM unnest($2::text[]) AS w (word), unnest($3::text[]) AS c (config),
    unnest(to_tsvector(c.config::regconfig, w.word)) AS t`;

// One list of the dictionary for each part. The number of trigrams, which the index holds, rules most of it out.
const COMPOUNDS = `
  SELECT w.part, c.term
  FROM unnest($2::text[], $3::text[]) AS w (part, trigram), LATERAL (
    SELECT t.term FROM term_trigrams t
    WHERE t.collection_no = $1 AND t.trigram = w.trigram AND t.size >= length(w.part)
      AND length(t.term) >= length(w.part) + $4::int AND strpos(t.term, w.part) > 0
    ORDER BY length(t.term), t.term LIMIT $5::int
  ) AS c`;

const REPAIRS = `
  WITH wanted AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS w (unknown text, trigram text, size int)
  ), alike AS (
    SELECT w.unknown, t.term, count(*)::float8 / (w.size + t.size - count(*)) AS similarity
    FROM wanted w JOIN term_trigrams t ON t.collection_no = $1 AND t.trigram = w.trigram
    WHERE t.size BETWEEN w.size * $3::float8 AND w.size / $3::float8
    GROUP BY w.unknown, w.size, t.term, t.size
  )
  SELECT DISTINCT ON (unknown) unknown, term, similarity FROM alike
  WHERE similarity >= $3::float8
  ORDER BY unknown, similarity DESC, term`;
