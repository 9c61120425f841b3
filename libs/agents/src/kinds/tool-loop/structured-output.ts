import { type Answer, type ErrorDetail, type ModelMessage, type ModelReply, UpstreamError } from '@guildhall/sdk';
import { type CompiledSchema, compileSchema } from '@guildhall/core';

type Schema = Record<string, unknown>;

/** Holds a model to the agent's `outputSchema`: what it says is checked, and sent back once with what is wrong. */
export class StructuredOutput {
  /** What to add to the conversation of the next call. */
  correction: readonly ModelMessage[] = [];

  private constructor(
    readonly schema: Schema,
    private readonly compiled: CompiledSchema,
  ) {}

  static async of(schema: Schema): Promise<StructuredOutput> {
    return new StructuredOutput(schema, await compileSchema(schema, 'outputSchema'));
  }

  /** The answer; undefined when the model must be asked again. Throws `invalid_output` when it was. */
  async accept(reply: ModelReply): Promise<Answer | undefined> {
    const value = parse(reply.text);
    const faults = value === undefined ? [NO_JSON] : await this.compiled.faultsOf(value);
    // The schema is one of an object. What the value says of itself goes before what is said of the answer.
    if (faults.length === 0) return { ...answerOf(reply), data: { ...reply.data, ...(value as object) } };
    if (this.correction.length > 0) throw invalidOutput(reply, faults);
    this.correction = [{ role: 'user', text: correction(faults, this.schema) }];
    return undefined;
  }
}

const NO_JSON: ErrorDetail = { path: '', code: 'no_json', message: 'the reply is not JSON' };

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // said by the caller
  }
}

function answerOf({ text, citations }: ModelReply): Answer {
  return { text, citations };
}

function correction(faults: readonly ErrorDetail[], schema: Schema): string {
  return [
    'That reply is not valid:',
    ...faults.map((fault) => `- ${said(fault)}`),
    'Reply again, with nothing but JSON that satisfies this schema:',
    JSON.stringify(schema),
  ].join('\n');
}

function invalidOutput({ provider, finishReason }: ModelReply, faults: readonly ErrorDetail[]): UpstreamError {
  const why = finishReason === 'stop' ? '' : ` (it ended with '${finishReason}')`;
  const message = `The model's answer did not satisfy the agent's outputSchema twice${why}: ${faults.map(said).join('; ')}`;
  const details = faults.map((fault) => ({ ...fault, path: `output.data${fault.path && `.${fault.path}`}` }));
  return new UpstreamError('invalid_output', message, { retryable: false, provider, details });
}

function said({ path, message }: ErrorDetail): string {
  return path === '' ? message : `${path} ${message}`;
}
