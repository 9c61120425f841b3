import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenApi, Operation } from './document.js';

export interface FuzzAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** What is wrong with an answer, by what the document says of its operation; undefined where nothing is. */
export type Verdict = (operation: Operation, answer: FuzzAnswer) => string | undefined;

/** Failures of what lies behind the server, or of too little of it; another 5xx is the server's own fault. */
const HONEST_FAILURES = [502, 503, 504];

/** The other form of every failure, which no operation names. */
const PROBLEM = { $ref: '#/components/schemas/Problem' };
const isProblem = ({ status, type }: Pick<FuzzAnswer, 'status' | 'type'>) =>
  status >= 400 && type === 'application/problem+json';

export function verdictBy(document: OpenApi): Verdict {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'doc', components: document.components });
  const compiled = new Map<object, ValidateFunction>();
  const validatorOf = (schema: object): ValidateFunction => {
    const known = compiled.get(schema) ?? ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/')));
    compiled.set(schema, known);
    return known;
  };

  return ({ responses }, { status, type, text }) => {
    const described = responses[status];
    if (status >= 500 && !HONEST_FAILURES.includes(status)) return `${status}`;
    if (!described) return `${status} is not documented`;
    if (!described.content) return text === '' ? undefined : `${status} has a body, which is not documented`;
    const schema = isProblem({ status, type }) ? PROBLEM : described.content[type]?.schema;
    if (!schema) return `${status} as '${type}' is not documented`;
    if (!type.endsWith('json')) return undefined;
    const validate = validatorOf(schema);
    return validate(JSON.parse(text)) ? undefined : `${status} ${ajv.errorsText(validate.errors)}`;
  };
}
