import { MAX_SUM } from '@guildhall/sdk';

/** SQL that adds two counts of type `bigint`: beyond `MAX_SUM` the sum stands still, and nothing overflows. */
export const addedUp = (a: string, b: string): string =>
  `least(least(${a}, ${MAX_SUM}) + least(${b}, ${MAX_SUM}), ${MAX_SUM})`;

/** SQL that adds up a column, for JavaScript: never so much that digits are lost. Null where there is no row. */
export const summed = (expression: string): string => `least(sum(${expression}), ${MAX_SUM})::float8`;
