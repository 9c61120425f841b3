import { getMetadataStorage } from 'class-validator';

type Limits = ReadonlyMap<string, number>;

const limitsOf = new WeakMap<object, Limits>();

/**
 * A list that is longer than its class lets it be, cut to one item too many. It is refused all the same, and with all
 * other faults of the body; but the rules that look at each item, or at each pair of items, see few of them.
 */
export function cutToLimit(type: object, field: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const limits = limitsOf.get(type) ?? readLimits(type);
  limitsOf.set(type, limits);
  const max = limits.get(field);
  return max !== undefined && value.length > max ? value.slice(0, max + 1) : value;
}

function readLimits(type: object): Limits {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type as () => void, '', false, false);
  const limits = rules.filter(({ name }) => name === 'arrayMaxSize');
  return new Map(limits.map(({ propertyName, constraints }) => [propertyName, constraints[0] as number]));
}
