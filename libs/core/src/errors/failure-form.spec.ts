import { AppError, AuthenticationError, NotFoundError, UnavailableError, ValidationError } from '@guildhall/sdk';
import { failureOf } from './failure-body.js';
import { writtenFailure } from './failure-form.js';

const write = (error: AppError, path: string, accept?: string) =>
  writtenFailure(failureOf(error), { id: 'req_1', path }, accept);

describe('the form of a failure', () => {
  it('is the envelope, RFC 9457 for who asks, and OpenAI’s under its prefix whatever is asked', () => {
    const error = new NotFoundError('agent', 'a');
    expect(write(error, '/api/v1/agents/a').body).toMatchObject({ success: false });
    const problem = write(error, '/api/v1/agents/a', 'application/problem+json');
    expect(problem.contentType).toContain('application/problem+json');
    expect(problem.body).toMatchObject({ status: 404, code: 'agent_not_found' });
    const refused = write(error, '/api/v1/agents/a', 'application/problem+json;q=0, application/json');
    expect(refused.contentType).toContain('application/json');
    expect(write(error, '/openai/v1/models/a', 'application/problem+json')).toEqual({
      contentType: 'application/json; charset=utf-8',
      body: {
        error: {
          message: "No agent with id 'a'",
          type: 'invalid_request_error',
          code: 'agent_not_found',
          param: null,
        },
      },
    });
  });

  it.each([
    ['application/json, application/problem+json;q=0.1', false],
    ['application/problem+json; q=0.5, application/json; q=0.8', false],
    ['application/problem+json;q=0.9, application/json;q=0.8', true],
    ['application/json, application/problem+json', true],
    ['application/json;q=0, application/problem+json;q=0.1', true],
    ['application/problem+json;q=0.1, */*', true],
    ['*/*', false],
  ])('is RFC 9457 for who names it and prefers JSON no more: "%s": %s', (accept, isProblem) => {
    const { contentType } = write(new NotFoundError('agent', 'a'), '/api/v1/agents/a', accept);
    expect(contentType.startsWith('application/problem+json')).toBe(isProblem);
  });

  it.each([
    [new AuthenticationError(), 'authentication_error', 'invalid_api_key'],
    [new AppError('authorization', 'forbidden', 'no'), 'permission_error', 'forbidden'],
    [new AppError('rate_limit', 'rate_limited', 'slow down'), 'rate_limit_error', 'rate_limit_exceeded'],
    [new AppError('internal', 'internal_error', 'SELECT'), 'server_error', 'internal_error'],
  ])('uses OpenAI’s words: %s', (error, type, code) => {
    const { body } = write(error, '/openai/v1/models');
    expect(body).toMatchObject({ error: { type, code, param: null } });
    expect(JSON.stringify(body)).not.toContain('SELECT');
  });

  it('names the wrong parameter and tells what details say', () => {
    const fault = { path: 'messages', code: 'required', message: 'messages must be a list' };
    expect(write(new ValidationError('One field is not valid', [fault]), '/openai/v1/chat/completions').body).toEqual({
      error: {
        message: 'One field is not valid: messages must be a list',
        type: 'invalid_request_error',
        code: 'validation_failed',
        param: 'messages',
      },
    });
    const details = ['a', 'b'].map((id) => ({ path: `providers.${id}`, code: 'x', message: `${id} is down` }));
    const all = new UnavailableError('all_providers_failed', 'Nobody could answer', { details });
    expect(write(all, '/openai/v1/chat/completions').body).toEqual({
      error: {
        message: 'Nobody could answer: a is down; b is down',
        type: 'server_error',
        code: 'all_providers_failed',
        param: null,
      },
    });
  });
});
