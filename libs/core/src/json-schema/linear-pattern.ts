import { RE2JS } from 're2js';
import { z } from 'zod';

/** What Ajv asks of a regular expression. */
export interface Pattern {
  test(text: string): boolean;
}

const { duration, hostname, domain } = z.regexes;
const OLDER_EMAIL = new RegExp(
  String.raw`^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`,
);
/** Patterns that zod writes for its own formats look ahead, which RE2 cannot. Those are known not to backtrack for long. */
const OF_CLIENTS: ReadonlyMap<string, Pattern> = new Map(
  [duration, hostname, domain, OLDER_EMAIL].map((pattern) => [pattern.source, pattern]),
);

/**
 * A pattern from a stranger, matched in time linear in the text: RE2 does not backtrack, and so knows no lookaround and
 * no back-references. Throws for those, and for what is no pattern at all.
 */
export function linearPattern(source: string): Pattern {
  return OF_CLIENTS.get(source) ?? RE2JS.compile(RE2JS.translateRegExp(source));
}

/** Why a pattern is not taken and what to do about it; undefined where it is. */
export function patternFault(source: string): string | undefined {
  try {
    linearPattern(source);
    return undefined;
  } catch {
    const needs = /\(\?<?[=!]/.test(source) ? 'lookaround' : /\\[1-9k]/.test(source) ? 'back-references' : undefined;
    if (needs) return `Patterns are matched by RE2, which has no ${needs}: write the pattern without, or leave it out`;
    return 'This is no regular expression that RE2 knows: mend the pattern, or leave it out';
  }
}
