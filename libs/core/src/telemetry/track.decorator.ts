import { Logger } from '@nestjs/common';
import { AppError } from '@guildhall/sdk';
import { firstSight } from '../errors/logged-errors.js';

type Fields = Readonly<Record<string, unknown>>;
type Method = (this: unknown, ...args: unknown[]) => unknown;

const logger = new Logger('Operation');

/**
 * Logs "Operation completed" with operation, duration and outcome when the method ends, by a throw too: with the code and
 * words of an error of ours, and the stack of any other that was not logged before.
 * `fields`: what else the line says, fixed or made from the method's arguments.
 *
 * @example
 * \@Track('document.parse', (ctx, document) => ({ documentId: document.id }))
 */
export function Track<Args extends unknown[]>(
  operation: string,
  fields: Fields | ((...args: Args) => Fields) = {},
): MethodDecorator {
  return (_target, _name, descriptor) => {
    const method = descriptor.value as Method;
    const tracked: Method = function (...args) {
      const from = performance.now();
      const end = (outcome: 'success' | 'failure', error?: unknown) => {
        const extra = typeof fields === 'function' ? fields(...(args as Args)) : fields;
        const line = { ...extra, operation, durationMs: Math.round((performance.now() - from) * 10) / 10, outcome };
        if (outcome === 'success') logger.log(line, 'Operation completed');
        else logger.warn({ ...line, ...whyOf(error) }, 'Operation completed');
      };
      return follow(() => method.apply(this, args), end);
    };
    // Other decorators keep what they say on the function itself.
    for (const key of Reflect.getMetadataKeys(method)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, method), tracked);
    }
    descriptor.value = Object.defineProperty(tracked, 'name', { value: method.name }) as never;
    return descriptor;
  };
}

function whyOf(error: unknown): Fields {
  if (AppError.is(error)) return { code: error.code, reason: error.message };
  return firstSight(error) ? { err: error } : {};
}

function follow(work: () => unknown, end: (outcome: 'success' | 'failure', error?: unknown) => void): unknown {
  const fail = (error: unknown): never => {
    end('failure', error);
    throw error;
  };
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    return fail(error);
  }
  if (!(result instanceof Promise)) {
    end('success');
    return result;
  }
  return result.then((value: unknown) => {
    end('success');
    return value;
  }, fail);
}
