/** `$1`..`$15` are the scoring query's own. */
export const FIRST_FILTER_PARAM = 16;

/** Who may see a document: `$9` is the tenant, `$10` the asker's groups. */
const VISIBLE =
  'd.tenant_id = $9 AND d.deleted_at IS NULL AND NOT d.staged AND (d.acl IS NULL OR d.acl && $10::text[])';

/** What one term adds to a chunk's score. */
const bm25 = (weight: string, df: string, posting: string): string => `
  ${weight} * ln(1 + ($4::float8 - ${df} + 0.5) / (${df} + 0.5)) * ($6::float8 + 1) * ${posting}.tf
    / (${posting}.tf + $6::float8 * (1 - $7::float8) + $6::float8 * $7::float8 * ${posting}.dl / $5::float8)`;

/**
 * BM25 over the postings. df is counted by the query itself over the whole collection, so that a filter or an ACL
 * changes what is found but never how it scores. `restricted` joins the documents before the limit; otherwise the
 * caller knows that there is nothing to hide, and the last join is only a safeguard.
 *
 * `$1` collection, `$2` terms, `$3` their weights, `$4` chunks in the collection, `$5` their average length, `$6` k1,
 * `$7` b, `$8` candidates, `$11` terms that only count for candidates, `$12` their weights, `$13` their df, `$14` limit,
 * `$15` the families of the terms, each of which has one df.
 */
export function scoringSql(filter: string, restricted: boolean): string {
  const allowed = `${VISIBLE} AND ${filter}`;
  return `
    WITH q AS (
      SELECT * FROM unnest($2::text[], $3::float8[], $15::text[]) AS q (term, weight, family)
    ), matched AS (
      SELECT p.chunk_no, p.document_no, p.tf, p.dl, q.weight, least((count(*) OVER (PARTITION BY q.family))::float8, $4) AS df
      FROM q JOIN postings p ON p.collection_no = $1 AND p.term = q.term
    ), candidates AS (
      SELECT m.chunk_no, sum(${bm25('m.weight', 'm.df', 'm')}) AS score
      FROM matched m ${restricted ? `JOIN documents d ON d.no = m.document_no AND ${allowed}` : ''}
      GROUP BY m.chunk_no
      ORDER BY score DESC, m.chunk_no
      LIMIT $8
    ), top AS (
      SELECT n.chunk_no, n.score + coalesce((
        SELECT sum(${bm25('c.weight', 'c.df', 'p')})
        FROM unnest($11::text[], $12::float8[], $13::float8[]) AS c (term, weight, df)
        JOIN postings p ON p.collection_no = $1 AND p.term = c.term AND p.chunk_no = n.chunk_no
      ), 0) AS score
      FROM candidates n
      ORDER BY score DESC, n.chunk_no
      LIMIT $14
    )
    SELECT c.id AS "chunkId", d.id AS "documentId", d.title AS "documentTitle", c.text, top.score,
      c.char_start AS "charStart", c.char_end AS "charEnd", c.page, c.heading_path AS "headingPath",
      c.repeated, d.metadata
    FROM top JOIN chunks c ON c.no = top.chunk_no JOIN documents d ON d.no = c.document_no
    WHERE ${allowed}
    ORDER BY top.score DESC, top.chunk_no`;
}
