import KeyvRedis from '@keyv/redis';
import { type CacheManagerStore, KeyvAdapter } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import { Keyv } from 'keyv';
import { createClient } from 'redis';

export interface RedisStore {
  readonly keyv: Keyv<string>;
  ping(): Promise<unknown>;
  close(): void;
}

const NAMESPACE = 'guildhall:cache';

/** Opens Redis by the driver of `CACHE_REDIS_DRIVER`. Never waits: until it is connected, its commands fail at once. */
export function openRedisStore(url: string, driver: 'keyv' | 'redis-yet', onError: (error: Error) => void): RedisStore {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    // A peer that vanished without a word is noticed by the pings.
    pingInterval: 5_000,
    socket: {
      connectTimeout: 200,
      socketTimeout: 15_000,
      reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 2_000),
    },
  });
  client.on('error', onError);
  // It retries by itself until it is connected or closed; only closing rejects.
  client.connect().catch(onError);
  const store =
    driver === 'keyv'
      ? new KeyvRedis(client as never, { throwOnErrors: true })
      : // Its clear() would be FLUSHDB; nothing here calls it.
        new KeyvAdapter(redisInsStore(client as never, { keyPrefix: NAMESPACE }) as CacheManagerStore);
  const keyv = new Keyv<string>({ store, namespace: NAMESPACE, useKeyPrefix: false, throwOnErrors: true });
  keyv.on('error', onError);
  return {
    keyv,
    ping: () => client.ping(),
    close: () => {
      if (client.isOpen) client.destroy();
    },
  };
}
