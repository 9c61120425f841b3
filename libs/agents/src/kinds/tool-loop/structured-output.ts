import { type Answer, type ErrorDetail, type ModelMessage, type ModelReply, UpstreamError } from '@guildhall/sdk';
import { type CompiledSchema, compileSchema, parseForeignJson } from '@guildhall/core';

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
    const read = parseForeignJson(reply.text);
    const faults = 'fault' in read ? [unreadable(read.fault)] : await this.compiled.faultsOf(read.value);
    if ('value' in read && faults.length === 0) {
      // The schema is one of an object. What the value says of itself goes before what is said of the answer.
      return { ...answerOf(reply), data: { ...reply.data, ...(read.value as object) } };
    }
    if (this.correction.length > 0) throw invalidOutput(reply, faults);
    this.correction = [{ role: 'user', text: correction(faults, this.schema) }];
    return undefined;
  }
}

function unreadable(fault: string): ErrorDetail {
  return { path: '', code: 'no_json', message: `the reply ${fault}` };
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
