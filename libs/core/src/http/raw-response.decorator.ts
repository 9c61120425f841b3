import { AddRouteConfig } from './route-config.js';

/** Key of a raw route in its Fastify config. */
export const RAW_RESPONSE = 'guildhall:raw-response';

/** The result of a handler, or of all handlers of a controller, is sent without envelope: metrics, protocol surfaces. */
export const RawResponse = () => AddRouteConfig({ [RAW_RESPONSE]: true });
