import { createClient } from 'redis';

/** A connection that never waits: until it is connected, its commands fail at once. It reconnects until it is destroyed. */
export function openRedisClient(url: string, onError: (error: Error) => void) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    // A peer that vanished without a word is noticed by the pings.
    pingInterval: 5_000,
    socket: {
      connectTimeout: 200,
      socketTimeout: 15_000,
      reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 500),
    },
  });
  client.on('error', onError);
  // It retries by itself until it is connected or closed; only closing rejects.
  client.connect().catch(onError);
  return client;
}

export type RedisClient = ReturnType<typeof openRedisClient>;
