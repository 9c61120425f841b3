/** All settings of the process (api.md §8), validated and frozen. Injected by this class. */
export class Settings {
  readonly NODE_ENV: 'development' | 'test' | 'staging' | 'production';
  readonly PORT: number;
  readonly HOST: string;
  readonly WORKER_PORT: number;
  readonly DATABASE_URL?: string;
  readonly DATA_DIR: string;
  readonly DATABASE_POOL_MIN: number;
  readonly DATABASE_POOL_SIZE: number;
  readonly DATABASE_POOL_OVERFLOW: number;
  readonly REDIS_URL?: string;
  readonly REDIS_REQUIRED: boolean;
  readonly LOG_LEVEL: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly LOG_FORMAT: 'json' | 'pretty';
  readonly MAX_CONCURRENT_REQUESTS: number;
  /** Seconds. */
  readonly REQUEST_TIMEOUT: number;
  readonly CACHE_L1_MAX: number;
  /** Seconds. */
  readonly CACHE_L1_TTL: number;
  /** Seconds. */
  readonly CACHE_L2_TTL: number;
  readonly CACHE_REDIS_DRIVER: 'keyv' | 'redis-yet';
  readonly OUTBOUND_ALLOW: readonly string[];
  readonly OUTBOUND_PORTS: readonly number[];
  /** 32 bytes, base64. */
  readonly ENCRYPTION_KEY?: string;
  readonly BOOTSTRAP_API_KEY?: string;
  readonly PLUGINS: readonly string[];
  readonly RUN_WORKERS: boolean;
  readonly RUN_LEASE_MS: number;
  readonly SHUTDOWN_GRACE_MS: number;
  readonly BREAKER_FAILURES: number;
  readonly BREAKER_OPEN_MS: number;
  readonly DOCS_ENABLED: boolean;
  readonly LOCAL_LLM_BASE_URL?: string;
  readonly OPENAI_API_KEY?: string;
  readonly OPENAI_BASE_URL?: string;

  /** The database runs inside this process, in `DATA_DIR`. */
  get embedded(): boolean {
    return this.DATABASE_URL === undefined || this.DATABASE_URL.startsWith('pglite:');
  }
}
