import { type ErrorDetail, ValidationError } from '@guildhall/sdk';

import { toJsonb } from '../json.js';

/** A condition on `d` (documents) with its parameters, in the order of the `$n` it names. */
export interface CompiledFilter {
  readonly sql: string;
  readonly params: readonly unknown[];
}

type Scalar = string | number | boolean | null;

const KEY = /^metadata\.([A-Za-z_][A-Za-z0-9_-]{0,63})$/;
const MAX_KEYS = 20;
const MAX_CHOICES = 100;
const REMEDY = 'Use { "metadata.<key>": value }, { "in": [values] } or { "gte": value, "lte": value }';

/**
 * Compiles `{ "metadata.key": value | { in } | { gte, lte } }` to SQL whose parameters begin at `$<first>`. Keys are
 * parameters too, and allow-listed besides. A list in the metadata matches when it holds the value. Throws
 * `validation_failed` with the path of every fault.
 */
export function compileFilter(filter: unknown, first: number): CompiledFilter {
  if (filter === undefined) return { sql: 'true', params: [] };
  const compiler = new FilterCompiler(first);
  compiler.compile(filter);
  return compiler.finish();
}

/** What `compileFilter` would throw. */
export function filterFaults(filter: unknown): readonly ErrorDetail[] {
  const compiler = new FilterCompiler(1);
  compiler.compile(filter);
  return compiler.faults;
}

class FilterCompiler {
  readonly faults: ErrorDetail[] = [];
  private readonly conditions: string[] = [];
  private readonly params: unknown[] = [];

  constructor(private readonly first: number) {}

  compile(filter: unknown): void {
    if (!isObject(filter)) return this.fault('filter', `Send an object. ${REMEDY}`);
    const entries = Object.entries(filter);
    if (entries.length > MAX_KEYS) return this.fault('filter', `A filter may have ${MAX_KEYS} keys`);
    for (const [name, condition] of entries) {
      const path = `filter.${name.slice(0, 100)}`;
      const key = KEY.exec(name)?.[1];
      if (!key) this.fault(path, 'Keys are "metadata." and up to 64 letters, digits, "_" or "-"');
      else this.condition(path, this.param(key), condition);
    }
  }

  finish(): CompiledFilter {
    if (this.faults.length > 0) throw new ValidationError('The filter is not understood', this.faults);
    return { sql: this.conditions.join(' AND ') || 'true', params: this.params };
  }

  private condition(path: string, key: string, condition: unknown): void {
    if (isScalar(condition)) return this.equals(key, condition);
    if (!isObject(condition)) return this.fault(path, REMEDY);
    const operators = Object.keys(condition);
    if (operators.length === 1 && operators[0] === 'in') return this.oneOf(path, key, condition.in);
    if (operators.length > 0 && operators.every((name) => name === 'gte' || name === 'lte')) {
      for (const name of operators) this.range(`${path}.${name}`, key, name === 'gte' ? '>=' : '<=', condition[name]);
      return;
    }
    this.fault(path, REMEDY);
  }

  private equals(key: string, value: Scalar): void {
    if (value === null) this.conditions.push(`coalesce(d.metadata -> ${key}::text, 'null') = 'null'`);
    else this.conditions.push(`(d.metadata -> ${key}::text) @> ${this.param(toJsonb(value))}::jsonb`);
  }

  private oneOf(path: string, key: string, values: unknown): void {
    if (!Array.isArray(values) || values.length > MAX_CHOICES || !values.every(isScalar)) {
      return this.fault(`${path}.in`, `Send a list of up to ${MAX_CHOICES} strings, numbers, booleans or nulls`);
    }
    const choices = this.param(values.map((value) => toJsonb(value)));
    this.conditions.push(`coalesce(d.metadata -> ${key}::text, 'null') @> ANY (${choices}::text[]::jsonb[])`);
  }

  private range(path: string, key: string, operator: '>=' | '<=', value: unknown): void {
    if (typeof value === 'number') {
      this.typed(key, 'number', `(d.metadata ->> ${key}::text)::numeric ${operator} ${this.param(value)}::numeric`);
    } else if (typeof value === 'string') {
      // By code points, so that ISO dates sort and every database answers the same.
      this.typed(key, 'string', `(d.metadata ->> ${key}::text) COLLATE "C" ${operator} ${this.param(value)}::text`);
    } else {
      this.fault(path, 'Send a number, or a string such as an ISO 8601 date');
    }
  }

  /** CASE and not AND: the planner may turn an AND around and cast a word to a number. */
  private typed(key: string, type: string, comparison: string): void {
    this.conditions.push(
      `CASE WHEN jsonb_typeof(d.metadata -> ${key}::text) = '${type}' THEN ${comparison} ELSE false END`,
    );
  }

  private param(value: unknown): string {
    this.params.push(value);
    return `$${this.first + this.params.length - 1}`;
  }

  private fault(path: string, message: string): void {
    this.faults.push({ path, code: 'invalid_filter', message });
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): value is Scalar =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));
