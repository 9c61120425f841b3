import type { ErrorObject } from 'ajv';
import type { ErrorDetail } from '@guildhall/sdk';

const MAX_FAULTS = 20;
const MAX_MESSAGE = 300;

/** Ajv's errors as faults below `root`, the first of many. */
export function toFaults(errors: readonly ErrorObject[], root: string): ErrorDetail[] {
  const shown = errors.slice(0, MAX_FAULTS).map((error) => ({
    path: pathOf(root, error.instancePath),
    code: error.keyword,
    message: shortened(messageOf(error)),
  }));
  const more = errors.length - shown.length;
  if (more > 0) shown.push({ path: root, code: 'more_faults', message: `${more} more faults are not listed` });
  return shown;
}

export function shortened(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`;
}

/** Ajv leaves out what a reader needs to mend the value. */
function messageOf({ keyword, message = 'is not valid', params }: ErrorObject): string {
  const { additionalProperty, allowedValues, allowedValue } = params as Readonly<Record<string, unknown>>;
  if (keyword === 'additionalProperties') return `must not have the property '${String(additionalProperty)}'`;
  if (keyword === 'enum' && Array.isArray(allowedValues)) return `must be one of ${JSON.stringify(allowedValues)}`;
  if (keyword === 'const') return `must be ${JSON.stringify(allowedValue)}`;
  return message;
}

/** `/nodes/0/a~1b` → `root.nodes[0].a/b` */
function pathOf(root: string, pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.reduce((path, part) => {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (/^\d+$/.test(name)) return `${path}[${name}]`;
    return path === '' ? name : `${path}.${name}`;
  }, root);
}
