/** Jest's global tear-down: see `shared-servers.mjs`. */
export default () => globalThis.endSharedServers?.();
