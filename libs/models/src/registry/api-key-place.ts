import type { SecretPlace } from '@guildhall/core';

/** Where a provider's sealed key belongs. */
export const apiKeyPlace = (providerId: string): SecretPlace => ({
  purpose: 'provider',
  recordId: providerId,
  field: 'apiKey',
});
