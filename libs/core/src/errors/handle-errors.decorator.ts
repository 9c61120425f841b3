import { Logger as NestLogger } from '@nestjs/common';
import type { Logger } from '@guildhall/sdk';
import { firstSight, logFault } from './logged-errors.js';

type ErrorType = abstract new (...args: never[]) => unknown;
type Method = (...args: unknown[]) => unknown;

/**
 * Logs what the method throws, once, as "Error in <Class.method>: <message>" with its stack, and rethrows it. With
 * types, only those. Used where an error is caught further up and would lose its place.
 */
export function HandleErrors(...types: readonly ErrorType[]): MethodDecorator {
  return (target, name, descriptor: PropertyDescriptor) => {
    const method = descriptor.value as Method;
    const where = `${target.constructor.name}.${String(name)}`;
    const handled = (error: unknown) => types.length === 0 || types.some((type) => error instanceof type);
    const note = (error: unknown, [first]: readonly unknown[], self: unknown): never => {
      if (handled(error) && firstSight(error)) logFault(loggerOf(first) ?? loggerOf(self) ?? fallback, error, where);
      throw error;
    };
    const wrapped: Method = function (this: unknown, ...args) {
      try {
        const result = method.apply(this, args);
        return result instanceof Promise ? result.catch((error: unknown) => note(error, args, this)) : result;
      } catch (error) {
        return note(error, args, this);
      }
    };
    Object.defineProperty(wrapped, 'name', { value: method.name });
    // Other decorators' metadata lives on the function.
    for (const key of Reflect.getMetadataKeys(method)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapped);
    }
    descriptor.value = wrapped;
  };
}

/** By convention the context comes first, and its logger knows the request; the object's own knows what it is about. */
function loggerOf(holder: unknown): Logger | undefined {
  return (holder as { logger?: Logger } | null | undefined)?.logger;
}

const nest = new NestLogger('HandleErrors');
const fallback: Pick<Logger, 'error'> & Logger = {
  debug: (fields, message) => nest.debug(fields, message),
  info: (fields, message) => nest.log(fields, message),
  warn: (fields, message) => nest.warn(fields, message),
  error: (fields, message) => nest.error(message, fields),
};
