/** `$1`..`$10` are the scoring query's own. */
export const FIRST_FILTER_PARAM = 11;

/** Who may see a document: `$9` is the tenant, `$10` the asker's groups. */
const VISIBLE =
  'd.tenant_id = $9 AND d.deleted_at IS NULL AND NOT d.staged AND (d.acl IS NULL OR d.acl && $10::text[])';

/**
 * BM25 over the postings. df is counted by the query itself over the whole collection, so that a filter or an ACL
 * changes what is found but never how it scores. `restricted` joins the documents before the limit; otherwise the
 * caller knows that there is nothing to hide, and the last join is only a safeguard.
 *
 * `$1` collection, `$2` terms, `$3` their weights, `$4` chunks in the collection, `$5` their average length, `$6` k1,
 * `$7` b, `$8` limit.
 */
export function scoringSql(filter: string, restricted: boolean): string {
  const allowed = `${VISIBLE} AND ${filter}`;
  return `
    WITH q AS (
      SELECT * FROM unnest($2::text[], $3::float8[]) AS q (term, weight)
    ), matched AS (
      SELECT p.chunk_no, p.document_no, p.tf, p.dl, q.weight, (count(*) OVER (PARTITION BY p.term))::float8 AS df
      FROM q JOIN postings p ON p.collection_no = $1 AND p.term = q.term
    ), top AS (
      SELECT m.chunk_no, sum(m.weight * ln(1 + ($4::float8 - m.df + 0.5) / (m.df + 0.5)) * ($6::float8 + 1) * m.tf
          / (m.tf + $6::float8 * (1 - $7::float8) + $6::float8 * $7::float8 * m.dl / $5::float8)) AS score
      FROM matched m ${restricted ? `JOIN documents d ON d.no = m.document_no AND ${allowed}` : ''}
      GROUP BY m.chunk_no
      ORDER BY score DESC, m.chunk_no
      LIMIT $8
    )
    SELECT c.id AS "chunkId", d.id AS "documentId", d.title AS "documentTitle", c.text, top.score,
      c.char_start AS "charStart", c.char_end AS "charEnd", c.page, c.heading_path AS "headingPath", d.metadata
    FROM top JOIN chunks c ON c.no = top.chunk_no JOIN documents d ON d.no = c.document_no
    WHERE ${allowed}
    ORDER BY top.score DESC, top.chunk_no`;
}
