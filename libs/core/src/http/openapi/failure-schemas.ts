import { CATEGORY_STATUS } from '../../errors/category-status.js';

const text = (description: string) => ({ type: 'string', description });

const DETAIL = {
  type: 'object',
  required: ['path', 'code', 'message'],
  properties: {
    path: text('Where in the input, e.g. `model.temperature` or `tools[0]`.'),
    code: text('A stable word.'),
    message: text('What to do about it.'),
  },
};

const FACTS = {
  code: text('A stable word for this failure, e.g. `agent_not_found`.'),
  category: { type: 'string', enum: Object.keys(CATEGORY_STATUS) },
  status: { type: 'integer', description: 'The HTTP status.' },
  retryable: { type: 'boolean', description: 'Whether the same request may succeed later.' },
};

/** The failure body, in its own shape and as RFC 9457; operations name the first alone, so that a client has one type of errors. */
export const FAILURE_SCHEMAS = {
  Failure: {
    type: 'object',
    required: ['success', 'error', 'meta'],
    properties: {
      success: { type: 'boolean', enum: [false] },
      error: {
        type: 'object',
        required: ['code', 'category', 'message', 'status', 'retryable'],
        properties: {
          ...FACTS,
          message: text('For people.'),
          details: { type: 'array', items: { $ref: '#/components/schemas/FailureDetail' } },
          provider: text('The provider or integration that refused.'),
        },
      },
      meta: {
        type: 'object',
        required: ['requestId', 'traceId', 'timestamp'],
        properties: {
          requestId: text('As in the header X-Request-Id.'),
          traceId: text('W3C trace id.'),
          timestamp: { type: 'string', format: 'date-time' },
        },
      },
    },
  },
  FailureDetail: DETAIL,
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId', 'errors'],
    properties: {
      ...FACTS,
      type: { type: 'string', format: 'uri' },
      title: text('The words of the HTTP status.'),
      detail: text('For people.'),
      instance: text('The path that was asked for.'),
      requestId: text('As in the header X-Request-Id.'),
      traceId: text('W3C trace id.'),
      errors: { type: 'array', items: { $ref: '#/components/schemas/FailureDetail' } },
      provider: text('The provider or integration that refused.'),
    },
  },
};
