import { MAX_SUM } from '@guildhall/sdk';

// Not by `least`, which takes null for the larger one: where a count is missing the sum must be missing too.

/** SQL that adds two counts of type `bigint`: beyond `MAX_SUM` the sum stands still, and nothing overflows. */
export const addedUp = (a: string, b: string): string =>
  `CASE WHEN ${a} > ${MAX_SUM} - ${b} THEN ${MAX_SUM} ELSE ${a} + ${b} END`;

/** SQL that adds up a column, for JavaScript: never so much that digits are lost. Null where there is nothing to add. */
export const summed = (expression: string): string =>
  `(CASE WHEN sum(${expression}) > ${MAX_SUM} THEN ${MAX_SUM} ELSE sum(${expression}) END)::float8`;
