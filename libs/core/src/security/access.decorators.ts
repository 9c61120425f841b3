import { SetMetadata } from '@nestjs/common';

export const REQUIRED_SCOPES = 'guildhall:required-scopes';
export const PUBLIC_ROUTE = 'guildhall:public-route';

/** Scopes an API key must hold, all of them: `@RequireScopes('agents:read')`. Routes without it need any valid key. */
export const RequireScopes = (...scopes: string[]) => SetMetadata(REQUIRED_SCOPES, scopes);

/** Opens a route to anonymous callers. Everything else is guarded by default. */
export const Public = () => SetMetadata(PUBLIC_ROUTE, true);
