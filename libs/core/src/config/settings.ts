import { IsOptional, ValidateBy } from 'class-validator';
import {
  Address,
  Budgeted,
  Credential,
  Credentials,
  DatabaseAddress,
  Flag,
  Host,
  List,
  OneOf,
  Ports,
  Proxies,
  Shares,
  Text,
  Whole,
} from './setting.decorators.js';

export const ENVIRONMENTS = ['development', 'test', 'staging', 'production'] as const;

/** All settings of the process (api.md §8), validated and frozen. Injected by this class. */
export class Settings {
  @OneOf(...ENVIRONMENTS)
  readonly NODE_ENV: (typeof ENVIRONMENTS)[number] = 'development';

  @Whole(0, 65535)
  readonly PORT: number = 8000;

  /** Loopback, so that a fresh install is not open to the network; the container image sets 0.0.0.0. */
  @Host()
  readonly HOST: string = '127.0.0.1';

  @Whole(0, 65535)
  readonly WORKER_PORT: number = 8001;

  /** Absent or `pglite:<dir>`: the embedded database. */
  @DatabaseAddress()
  readonly DATABASE_URL?: string;

  @Text()
  readonly DATA_DIR: string = './.data';

  @Whole(0)
  readonly DATABASE_POOL_MIN: number = 5;

  @Whole(1)
  readonly DATABASE_POOL_SIZE: number = 20;

  @Whole(0)
  readonly DATABASE_POOL_OVERFLOW: number = 30;

  @Address('redis', 'rediss')
  readonly REDIS_URL?: string;

  /** Default: true in production. */
  @Flag()
  readonly REDIS_REQUIRED: boolean = false;

  @OneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent')
  readonly LOG_LEVEL: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' = 'info';

  @OneOf('json', 'pretty')
  readonly LOG_FORMAT: 'json' | 'pretty' = 'json';

  @Whole(1)
  readonly MAX_CONCURRENT_REQUESTS: number = 100;

  /** Connections of this process; an address has nine tenths of them at most. */
  @Whole(2)
  readonly MAX_CONNECTIONS: number = 5000;

  /** Streams and waiting requests of this process; a tenant has nine tenths of them at most. */
  @Whole(2)
  readonly MAX_OPEN_ANSWERS: number = 2000;

  @Whole(1)
  readonly MAX_STREAMS_PER_KEY: number = 200;

  /** Requests of one key that wait for a run or a document. */
  @Whole(1)
  readonly MAX_WAITS_PER_KEY: number = 500;

  /** MiB that this process may use; 0: what its container may. Near it, new requests are refused. */
  @Whole(0)
  readonly MEMORY_LIMIT: number = 0;

  /** Seconds. */
  @Whole(1, 3600)
  readonly REQUEST_TIMEOUT: number = 30;

  /** Seconds without a byte after which a stream is cut; heartbeats keep a live one open. */
  @Whole(1, 3600)
  readonly STREAM_IDLE_TIMEOUT: number = 120;

  /** Where uploads are while they are on their way. Default: the system's folder for temporary files. */
  @IsOptional()
  @Text()
  readonly UPLOAD_DIR?: string;

  /** MiB of it that uploads may take together; a tenant has nine tenths of them at most. */
  @Whole(64)
  readonly UPLOAD_ROOM: number = 512;

  @Whole(0)
  readonly CACHE_L1_MAX: number = 1000;

  @Whole(0)
  readonly CACHE_L1_MAX_MB: number = 32;

  /** Seconds. */
  @Whole(0)
  readonly CACHE_L1_TTL: number = 300;

  /** Seconds. */
  @Whole(0)
  readonly CACHE_L2_TTL: number = 3600;

  /** Milliseconds a caller waits for Redis before it goes on without it. More than the way there and back takes. */
  @Whole(1, 400)
  readonly CACHE_L2_WAIT_MS: number = 10;

  @OneOf('keyv', 'redis-yet')
  readonly CACHE_REDIS_DRIVER: 'keyv' | 'redis-yet' = 'keyv';

  /** Hosts and CIDRs that the outbound guard lets through. */
  @List({ pattern: /^[A-Za-z0-9.:/*_[\]-]+$/, rule: 'a host name or a CIDR' })
  readonly OUTBOUND_ALLOW: readonly string[] = [];

  @Ports()
  readonly OUTBOUND_PORTS: readonly number[] = [80, 443];

  /** 32 bytes, base64. */
  @Credential()
  @ValidateBy(
    { name: 'isEncryptionKey', validator: { validate: (value) => isEncryptionKey(value) } },
    { message: 'must be 32 bytes in base64, e.g. from: openssl rand -base64 32' },
  )
  readonly ENCRYPTION_KEY?: string;

  /** The system administrator's key, in tenant `default`. */
  @Credential()
  readonly BOOTSTRAP_API_KEY?: string;

  /** Package names or folders. */
  @List()
  readonly PLUGINS: readonly string[] = [];

  /** Whether the API process works on runs too. Default: true with the embedded database. */
  @Flag()
  readonly RUN_WORKERS: boolean = false;

  @Whole(1000)
  readonly RUN_LEASE_MS: number = 15_000;

  /** Days that the steps and interrupts of a run are kept after its end. The run itself stays. */
  @Whole(1)
  readonly RUN_RETENTION_DAYS: number = 30;

  /** Days that a stored response of `/openai/v1/responses` is kept after it was made or last gone on from. */
  @Whole(1)
  readonly RESPONSE_RETENTION_DAYS: number = 30;

  @Whole(0)
  readonly SHUTDOWN_GRACE_MS: number = 25_000;

  /** How long to serve on after SIGTERM, so that balancers notice. Part of the grace. Default: 0 in development. */
  @Whole(0)
  readonly SHUTDOWN_DELAY_MS: number = 5000;

  /** Whether `/metrics` needs no key. Default: only in development. */
  @Flag()
  readonly METRICS_PUBLIC: boolean = false;

  @Whole(1)
  readonly BREAKER_FAILURES: number = 5;

  @Whole(1)
  readonly BREAKER_OPEN_MS: number = 60_000;

  /** Whether the service itself asks new providers, and calls those whose breaker opened, so that no user's call has to. */
  @Flag()
  readonly PROVIDER_PROBES: boolean = true;

  /** What counts how much in the choice of a provider. */
  @Shares('health', 'cost', 'performance', 'preference')
  readonly ROUTING_WEIGHTS: string = 'health=0.4,cost=0.3,performance=0.2,preference=0.1';

  /** Swagger UI and `/openapi.json`. Default: everywhere but in production. */
  @Flag()
  readonly DOCS_ENABLED: boolean = true;

  /** Origins whose pages may call the API. Default: none. */
  @List({ pattern: /^https?:\/\/[^/*\s]+$/, rule: 'an origin like https://app.example.org' })
  readonly CORS_ORIGINS: readonly string[] = [];

  /** Names that this server is called by. Default: on loopback its names, which are allowed besides; else any. */
  @List({ pattern: /^([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])$/, rule: 'a host name without a port' })
  readonly ALLOWED_HOSTS: readonly string[] = [];

  /** Addresses or CIDRs of proxies whose `X-Forwarded-*` headers are believed. Default: none. */
  @Proxies()
  readonly TRUST_PROXY: readonly string[] = [];

  /** Of an address, requests without valid credentials; of a key, requests with a wrong secret. In this process. */
  @Budgeted()
  readonly RATE_LIMIT_ANONYMOUS: string = '60/60';

  @Credential() readonly OPENAI_API_KEY?: string;
  @Credentials() readonly OPENAI_API_KEYS: readonly string[] = [];
  @Address('http', 'https') readonly OPENAI_BASE_URL?: string;
  @Credential() readonly ANTHROPIC_API_KEY?: string;
  @Credentials() readonly ANTHROPIC_API_KEYS: readonly string[] = [];
  @Address('http', 'https') readonly ANTHROPIC_BASE_URL?: string;
  @Credential() readonly GOOGLE_API_KEY?: string;
  @Credentials() readonly GOOGLE_API_KEYS: readonly string[] = [];
  @Address('http', 'https') readonly GOOGLE_BASE_URL?: string;
  @Credential() readonly GROQ_API_KEY?: string;
  @Credentials() readonly GROQ_API_KEYS: readonly string[] = [];
  @Address('http', 'https') readonly GROQ_BASE_URL?: string;
  @Credential() readonly TOGETHER_API_KEY?: string;
  @Credentials() readonly TOGETHER_API_KEYS: readonly string[] = [];
  @Address('http', 'https') readonly TOGETHER_BASE_URL?: string;
  @Credential() readonly HF_TOKEN?: string;
  @Credentials() readonly HF_TOKENS: readonly string[] = [];
  @Address('http', 'https') readonly HF_BASE_URL?: string;
  @Address('http', 'https') readonly LOCAL_LLM_BASE_URL?: string;
  @Credential() readonly LOCAL_LLM_API_KEY?: string;

  /** The database runs inside this process, in `DATA_DIR`. */
  get embedded(): boolean {
    return this.DATABASE_URL === undefined || this.DATABASE_URL.startsWith('pglite:');
  }
}

function isEncryptionKey(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9+/]{43}=?$/.test(value) && Buffer.from(value, 'base64').length === 32;
}
