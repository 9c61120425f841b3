export interface Interrupt {
  readonly id: string;
  readonly kind: 'approval' | 'question' | 'choice' | 'unknown_effect';
  readonly prompt: string;
  readonly toolCall?: { readonly tool: string; readonly input: unknown };
  readonly responseSchema: Readonly<Record<string, unknown>>;
}

export interface Decision {
  readonly decision: 'approve' | 'reject' | 'done' | 'retry';
  readonly value?: unknown;
}

/** What may be typed, for the prompt. */
export const CHOICES = {
  approval: 'approve or reject',
  question: 'your answer, or /reject',
  choice: 'your choice, or /reject',
  unknown_effect: 'done (it did happen), retry (it did not) or reject',
} as const satisfies Record<Interrupt['kind'], string>;

const WORDS: Readonly<Record<string, Decision['decision']>> = {
  y: 'approve',
  yes: 'approve',
  approve: 'approve',
  n: 'reject',
  no: 'reject',
  reject: 'reject',
  done: 'done',
  retry: 'retry',
};

const OFFERED: Readonly<Record<'approval' | 'unknown_effect', readonly Decision['decision'][]>> = {
  approval: ['approve', 'reject'],
  unknown_effect: ['done', 'retry', 'reject'],
};

/** What a typed line decides; undefined where it says nothing that the question takes. */
export function readDecision({ kind, responseSchema }: Interrupt, typed: string): Decision | undefined {
  const line = typed.trim();
  if (line === '') return undefined;
  if (kind === 'approval' || kind === 'unknown_effect') {
    const decision = Object.hasOwn(WORDS, line.toLowerCase()) ? WORDS[line.toLowerCase()] : undefined;
    return decision !== undefined && OFFERED[kind].includes(decision) ? { decision } : undefined;
  }
  return line === '/reject' ? { decision: 'reject' } : { decision: 'done', value: valueOf(line, responseSchema) };
}

/** JSON where the schema wants something else than a text. */
function valueOf(line: string, { type, enum: options }: Interrupt['responseSchema']): unknown {
  const isText = (type === undefined && options === undefined) || type === 'string';
  if (isText || (Array.isArray(options) && options.includes(line))) return line;
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
