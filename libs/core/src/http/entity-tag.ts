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
