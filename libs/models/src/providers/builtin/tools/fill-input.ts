import { type Property, findValue } from './find-value.js';

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

/**
 * The input of a tool as far as a sentence states it, or undefined when a required value is missing. Optional values are
 * filled only where the text leaves no doubt; defaults are left to the tool.
 */
export function fillInput(
  schema: Readonly<Record<string, unknown>>,
  text: string,
): Record<string, unknown> | undefined {
  const { properties = {}, required = [] } = schema as ObjectSchema;
  const input: Record<string, unknown> = {};
  const used = new Set<unknown>();
  for (const [name, property] of Object.entries(properties)) {
    const needed = required.includes(name) && property.default === undefined;
    const value = findValue({ name, property, text, used, needed });
    if (value === undefined && needed) return undefined;
    if (value === undefined) continue;
    input[name] = value;
    used.add(value);
  }
  return input;
}
