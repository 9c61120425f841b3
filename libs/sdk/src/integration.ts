import type { z } from 'zod';
import { contribute } from './contribution.js';

export interface IntegrationOptions {
  /** `shopify`, `hubspot`. */
  readonly name: string;
  readonly description: string;
  /** A zod object: what a tenant must give to connect. Secret fields are write-only. */
  readonly credentials: z.ZodType;
}

/** Contributes an integration: a vendor's service that a tenant connects with its own credentials. */
export const Integration = (options: IntegrationOptions): ClassDecorator =>
  contribute('integration', options.name, options);
