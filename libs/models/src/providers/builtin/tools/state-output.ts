const MAX_LENGTH = 1000;
/** Where a tool's output has one of these, it is the answer and the rest is how it came about. */
const ANSWERS = ['result', 'answer', 'value', 'output', 'text'];

/** A tool's output in plain words: "408", "temperatureC 21, sky clear". */
export function stateOutput(output: unknown): string {
  const text = plain(output);
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}…`;
}

/** Why a tool failed, as its result says. */
export function stateFailure(output: unknown): string {
  const message = typeof output === 'object' && output !== null ? (output as { message?: unknown }).message : output;
  return typeof message === 'string' ? message : stateOutput(output);
}

function plain(output: unknown): string {
  if (output === null || output === undefined) return 'nothing';
  if (typeof output !== 'object') return String(output);
  if (Array.isArray(output)) return output.length === 0 ? 'nothing' : output.map(plain).join('; ');
  const fields = Object.entries(output);
  const answer = fields.find(([name, value]) => ANSWERS.includes(name) && typeof value !== 'object');
  if (answer) return plain(answer[1]);
  return fields.map(([name, value]) => `${name} ${isNested(value) ? `(${plain(value)})` : plain(value)}`).join(', ');
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
