import { Injectable, SetMetadata, applyDecorators } from '@nestjs/common';

/** Reflect key under which a contribution describes itself; a string, so that copies of the SDK agree. */
export const CONTRIBUTION = 'guildhall:contribution';

export interface ContributionMetadata<Kind extends string = string, Options = unknown> {
  readonly kind: Kind;
  /** Unique per kind: `calculator`, `weather.current`, `tool-loop`. */
  readonly name: string;
  readonly options: Options;
}

/** Marks a provider class as a contribution; core discovers it and attributes it to the plugin whose module owns it. */
export function contribute<Options>(kind: string, name: string, options: Options): ClassDecorator {
  const metadata: ContributionMetadata<string, Options> = { kind, name, options };
  return applyDecorators(Injectable(), SetMetadata(CONTRIBUTION, metadata)) as ClassDecorator;
}

export function contributionOf(target: object): ContributionMetadata | undefined {
  return Reflect.getMetadata(CONTRIBUTION, target) as ContributionMetadata | undefined;
}
