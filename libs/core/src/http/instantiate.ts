import { createRequire } from 'node:module';
import {
  type ClassConstructor,
  TransformationType,
  type TransformMetadata,
  type TypeMetadata,
} from 'class-transformer';
import { cutToLimit } from './list-limits.js';

/** What class-transformer keeps of its decorators; it exports no way to ask. */
interface Decorators {
  findTypeMetadata(type: ClassConstructor<unknown>, field: string): TypeMetadata | undefined;
  findTransformMetadatas(
    type: ClassConstructor<unknown>,
    field: string,
    direction: TransformationType,
  ): readonly TransformMetadata[];
}
const { defaultMetadataStorage: decorators } = createRequire(import.meta.url)('class-transformer/cjs/storage.js') as {
  defaultMetadataStorage: Decorators;
};

type Convert = (value: unknown) => unknown;
const PRIMITIVES: ReadonlyMap<unknown, Convert> = new Map<unknown, Convert>([
  [Number, Number],
  [String, String],
  [Boolean, Boolean],
]);

/**
 * An instance of a DTO class with the fields given, by its `@Type` and `@Transform`. Not class-transformer's
 * `plainToInstance`: that loses every field whose name a prototype has (`toString`, `constructor`), and copies free-form
 * values, of which no class says anything. Here they stay what they are.
 */
export function instantiate<T>(type: ClassConstructor<T>, given: unknown): T;
export function instantiate(type: ClassConstructor<unknown>, given: unknown): unknown {
  if (given === null || given === undefined) return given;
  if (Array.isArray(given)) return given.map((item) => instantiate(type, item));
  const convert = PRIMITIVES.get(type);
  if (convert) return convert(given);
  if (typeof given !== 'object') return given;
  const instance = new type() as object;
  for (const [name, value] of Object.entries(given)) {
    // Defined, not assigned: `__proto__` and what has only a getter would take the assignment otherwise.
    Object.defineProperty(instance, name, {
      value: fieldOf(type, name, cutToLimit(type, name, value), given),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return instance;
}

function fieldOf(type: ClassConstructor<unknown>, name: string, given: unknown, owner: object): unknown {
  const typed = decorators.findTypeMetadata(type, name);
  const inner = typed?.typeFunction?.({ newObject: undefined as never, object: owner, property: name });
  let value: unknown = inner ? instantiate(inner as ClassConstructor<unknown>, given) : given;
  const toClass = TransformationType.PLAIN_TO_CLASS;
  for (const { transformFn } of decorators.findTransformMetadatas(type, name, toClass)) {
    value = transformFn({ value, key: name, obj: owner, type: toClass, options: {} });
  }
  return value;
}
