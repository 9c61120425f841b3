/**
 * Scores closer than this are taken for equal: two calls of different speed, or one failure in dozens, must not send all
 * the load to one of two good providers. What was declared, a preference or a priority, is no noise and still decides.
 * @internal for specs
 */
export const NEAR_EQUAL = 0.02;

interface Candidate {
  readonly score: number;
  readonly priority: number;
  readonly parts: { readonly preference: number };
  /** Grows with each time it came first; the lower, the longer it waits. */
  readonly pickedAt: number;
}

/** The same candidates, best first, with those of nearly equal score in the order of who has waited longest. */
export function shareLoad<T extends Candidate>(ranked: readonly T[]): T[] {
  const order = [...ranked];
  const settled = new Set<T>();
  for (const leader of ranked) {
    if (settled.has(leader)) continue;
    const equals = ranked.filter((one) => !settled.has(one) && areNearlyEqual(leader, one));
    const places = equals.map((one) => ranked.indexOf(one));
    equals.toSorted((a, b) => a.pickedAt - b.pickedAt).forEach((one, index) => (order[places[index]!] = one));
    for (const one of equals) settled.add(one);
  }
  return order;
}

function areNearlyEqual(leader: Candidate, other: Candidate): boolean {
  return (
    leader.score - other.score <= NEAR_EQUAL &&
    leader.priority === other.priority &&
    leader.parts.preference === other.parts.preference
  );
}
