/** Key of a route's deprecation in its Fastify config. */
export const ROUTE_DEPRECATION = 'guildhall:deprecation';

export interface Deprecation {
  /** When it was deprecated. */
  readonly since: Date;
  /** When it may stop to work. The date alone switches nothing off. */
  readonly sunset: Date;
  /** The version or path to move to: `v1`, or `/api/v1/agents`. */
  readonly successor: string;
}
