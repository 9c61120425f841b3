import { z } from 'zod';
import { MAX_OUTPUT_TOKENS } from '@guildhall/sdk';

/** The model a worker speaks through; default: the ranked providers. */
export const ModelChoice = z
  .strictObject({
    route: z.literal('default').optional(),
    provider: z.string().max(64).optional(),
    name: z.string().max(200).optional(),
    fallback: z.boolean().optional(),
    fallbackToBuiltin: z.boolean().optional(),
    temperature: z.number().min(0).max(2).optional(),
    maxOutputTokens: z.int().min(1).max(MAX_OUTPUT_TOKENS).optional(),
    seed: z.int().optional(),
  })
  .refine((model) => (model.provider === undefined) === (model.name === undefined), {
    error: "A pinned model needs both 'provider' and 'name'",
  })
  .default({ route: 'default' });
