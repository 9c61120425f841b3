import KeyvRedis from '@keyv/redis';
import { type CacheManagerStore, KeyvAdapter } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import { Keyv } from 'keyv';
import { openRedisClient } from './redis-client.js';

export interface RedisStore {
  readonly keyv: Keyv<string>;
  ping(): Promise<unknown>;
  close(): void;
}

const NAMESPACE = 'guildhall:cache';

/** Opens Redis by the driver of `CACHE_REDIS_DRIVER`. Never waits: until it is connected, its commands fail at once. */
export function openRedisStore(url: string, driver: 'keyv' | 'redis-yet', onError: (error: Error) => void): RedisStore {
  const client = openRedisClient(url, onError);
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
