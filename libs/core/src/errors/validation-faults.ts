import type { ValidationError as ClassValidatorError } from 'class-validator';
import { type ErrorDetail, ValidationError } from '@guildhall/sdk';

const MAX_FAULTS = 100;

/** Rules that a value of the wrong type breaks, the one that says most first. */
const TYPE_RULES = [
  'isNotNull',
  'isArray',
  'isObject',
  'isString',
  'isInt',
  'isNumber',
  'isBoolean',
  'nestedValidation',
] as const;

/** Stable words for class-validator's names. Others are turned into snake case. */
const CODES: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    whitelistValidation: 'unknown_field',
    ...Object.fromEntries(TYPE_RULES.map((rule) => [rule, 'invalid_type'])),
    min: 'too_small',
    isPositive: 'too_small',
    max: 'too_large',
    minLength: 'too_short',
    maxLength: 'too_long',
    arrayMinSize: 'too_short',
    arrayMaxSize: 'too_long',
    isLength: 'invalid_length',
    isNotEmpty: 'empty',
    arrayNotEmpty: 'empty',
    isIn: 'not_allowed',
    isEnum: 'not_allowed',
    matches: 'invalid_format',
    isTimestamp: 'invalid_format',
  }),
);

/** All faults class-validator found, as one `validation_failed` with a path and a remedy each. */
export function validationFailed(errors: readonly ClassValidatorError[]): ValidationError {
  const details: ErrorDetail[] = [];
  collect(errors, '', details);
  return faultsFound(details);
}

/** As many of them as anybody reads. */
export function faultsFound(details: readonly ErrorDetail[]): ValidationError {
  const what = details.length === 1 ? 'One field is' : `${details.length} fields are`;
  return new ValidationError(`${what} not valid`, firstFaults(details));
}

export function firstFaults(details: readonly ErrorDetail[]): readonly ErrorDetail[] {
  const more = details.length - MAX_FAULTS;
  if (more <= 0) return details;
  const rest = { path: '', code: 'more_faults', message: `${more} more faults are not listed` };
  return [...details.slice(0, MAX_FAULTS), rest];
}

function collect(errors: readonly ClassValidatorError[], parent: string, into: ErrorDetail[]): void {
  for (const error of errors) {
    const path = join(parent, error.property);
    for (const [rule, message] of toldRules(error)) {
      into.push(detail(path, rule, message, error.value === undefined));
    }
    collect(error.children ?? [], path, into);
  }
}

/** A value of the wrong type, or none, breaks rules about its length or size that mean nothing for it: one rule is told. */
function toldRules({ constraints = {}, value }: ClassValidatorError): [rule: string, message: string][] {
  const broken = Object.entries(constraints);
  const ofType = TYPE_RULES.find((rule) => constraints[rule] !== undefined);
  if (ofType !== undefined) return [[ofType, constraints[ofType]!]];
  return value === undefined ? broken.slice(0, 1) : broken;
}

function detail(path: string, rule: string, message: string, missing: boolean): ErrorDetail {
  if (rule === 'whitelistValidation')
    return { path, code: 'unknown_field', message: `There is no field ${path}: remove it` };
  const code = missing
    ? 'required'
    : (CODES.get(rule) ?? rule.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  return { path, code, message };
}

/** `nodes[0].slots[1].name` */
function join(parent: string, property: string): string {
  if (/^\d+$/.test(property) && parent !== '') return `${parent}[${property}]`;
  return parent === '' ? property : `${parent}.${property}`;
}
