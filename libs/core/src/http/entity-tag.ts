/** A revision as a strong entity tag: quoted, without what a quoted header value cannot hold. */
export function entityTag(revision: string): string {
  return `"${revision.replace(/[^\x21\x23-\x7e]/g, '')}"`;
}

/** Whether `If-None-Match` names this revision: then the client has it already. */
export function noneMatches(header: string | undefined, revision: string): boolean {
  if (header === undefined) return false;
  const tag = entityTag(revision);
  return header.split(',').some((given) => {
    const candidate = given.trim();
    return candidate === '*' || candidate.replace(/^W\//, '') === tag;
  });
}

/** The revisions that `If-Match` names, of which one must be current. Undefined: any will do. */
export type Revisions = readonly string[] | undefined;

const LISTED = /(?:W\/)?"([^"]*)"|[^\s,]+/g;

/** What `If-Match` lists, without quotes. Tags that a compressing proxy has made weak name the same revision. */
export function revisionsOf(header: string | undefined): Revisions {
  if (header === undefined || header.trim() === '*') return undefined;
  return [...header.matchAll(LISTED)].map(([whole, tag]) => tag ?? whole);
}

export function isStale(current: string, named: Revisions): boolean {
  return named !== undefined && !named.includes(current);
}
