import { AppError, type ErrorDetail } from '@guildhall/sdk';
import { compileSchema } from '@guildhall/core';

const PATH = 'outputSchema';

/** What is wrong with the schema of an agent's answer, each fault at its path in the definition. */
export async function outputSchemaFaults(schema: Record<string, unknown>): Promise<readonly ErrorDetail[]> {
  try {
    await compileSchema(schema, PATH);
  } catch (error) {
    if (AppError.is(error)) return error.details ?? [];
    throw error;
  }
  if (schema['type'] === 'object') return [];
  const message = 'An answer is an object: give the schema "type": "object", and put a list or a text into a property';
  return [{ path: `${PATH}.type`, code: 'not_an_object', message }];
}
