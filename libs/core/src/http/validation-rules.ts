import { getMetadataStorage } from 'class-validator';

type Storage = ReturnType<typeof getMetadataStorage>;
type Rules = ReturnType<Storage['getTargetValidationMetadatas']>;

let remembers = false;

/**
 * Makes class-validator remember the rules of a class: for every object it validates it would look for them through all
 * classes with rules, some hundred, twice. They are all known when requests come, and never change.
 */
export function rememberRules(): void {
  if (remembers) return;
  remembers = true;
  const storage = getMetadataStorage();
  const search = storage.getTargetValidationMetadatas.bind(storage);
  const group = storage.groupByPropertyName.bind(storage);
  /** By class and, of nested objects, the name of the class they are in. */
  const rulesOf = new WeakMap<object, Map<string, Rules>>();
  const groupsOf = new WeakMap<Rules, ReturnType<Storage['groupByPropertyName']>>();
  storage.getTargetValidationMetadatas = (target, schema, always, strictGroups, groups) => {
    const find = () => search(target, schema, always, strictGroups, groups);
    if (always || strictGroups || groups?.length) return find();
    return remembered(
      remembered(rulesOf, target, () => new Map<string, Rules>()),
      schema,
      find,
    );
  };
  // Without a prototype: to class-validator, `hasOwnProperty` would be a field with rules.
  storage.groupByPropertyName = (rules) =>
    remembered(groupsOf, rules, () => Object.assign(Object.create(null) as ReturnType<typeof group>, group(rules)));
}

interface Known<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): unknown;
}

function remembered<Key, Value>(known: Known<Key, Value>, key: Key, find: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = find()));
  return value;
}
