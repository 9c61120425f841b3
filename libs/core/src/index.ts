export { Cache } from './cache/cache.js';
export { CacheModule } from './cache/cache.module.js';
export { type DescribedSetting, describeSettings } from './config/describe-settings.js';
export { Environment } from './config/environment.js';
export {
  type LoadOptions,
  type LoadedSettings,
  SETTING_NAMES,
  loadSettings,
  settingsFrom,
} from './config/load-settings.js';
export { nearestName } from './config/nearest-name.js';
export { EXIT_CONFIGURATION, SettingsError, describeFaults } from './config/settings-error.js';
export { isTimeZone } from './time-zone.js';
export { Settings } from './config/settings.js';
export { sharesOf } from './config/shares.js';
export { SettingsModule } from './config/settings.module.js';
export { SETTINGS_LOADED } from './config/settings.token.js';
export { refuseUnknownNames } from './config/unknown-names.js';
export { type CoreOptions, CoreModule } from './core.module.js';
export { addedUp, summed } from './database/capped-sums.js';
export { Database, type TransactionOptions } from './database/database.js';
export { GroupCommitter } from './database/batches/group-committer.js';
export { NumberedWrites } from './database/batches/numbered-writes.js';
export { SetAside } from './database/batches/set-aside.js';
export { isConnectionFailure, isFaultOfEntry, isTransient, toAppError } from './database/database-error.js';
export type { Subscription } from './database/notification-listener.js';
export { type RetryOptions, retry } from './resilience/retry.js';
export { DatabaseModule } from './database/database.module.js';
export { type SchemaState, migrate, schemaState } from './database/migrator.js';
export { dumpEmbeddedDatabase, openDataSource } from './database/open-data-source.js';
export { FAN_OUT, type FanOut, NO_FAN_OUT } from './events/fan-out.js';
export { firstFaults, validationFailed } from './errors/validation-faults.js';
export { zodFaults } from './errors/zod-faults.js';
export { CATEGORY_STATUS, knownCategory, statusOf } from './errors/category-status.js';
export { Errors } from './errors/errors.js';
export { failureOf, traceIdOf } from './errors/failure-body.js';
export { openAiFailureBody } from './errors/openai-failure.js';
export { HandleErrors } from './errors/handle-errors.decorator.js';
export { ApiData, type ApiDataOptions } from './http/api-data.decorator.js';
export { CatalogueItemDto } from './http/catalogue.dto.js';
export { pageOfCatalogue } from './http/catalogue.js';
export { type HttpAppOptions, createHttpApp } from './http/bootstrap-http.js';
export { buildDocument } from './http/openapi/build-document.js';
export { DeprecatedRoute } from './http/deprecated.decorator.js';
export type { Deprecation } from './http/deprecation.js';
export { Deprecations } from './http/deprecations.js';
export { RawResponse } from './http/raw-response.decorator.js';
export { awaitStream, keepOpen, standAside } from './http/request-scope.js';
export { TakesLargeBody } from './http/large-bodies.js';
export { AcceptsUpload, MAX_UPLOAD_BYTES } from './http/upload/upload-route.js';
export type { UploadedFile } from './http/upload/uploaded-file.js';
export { Uploads } from './http/upload/uploads.js';
export { Ctx } from './http/context.decorator.js';
export { type Revisions, isStale } from './http/entity-tag.js';
export { IfMatch, PreferWait, WantsStream } from './http/headers.decorator.js';
export { IsRepeat } from './http/idempotency/is-repeat.decorator.js';
export type { ChooseJudge, Judge } from './http/outbound-judge.js';
export { OutboundModule } from './http/outbound.module.js';
export { OutboundGuard, leadsToMetadata } from './http/outbound-guard.js';
export { UndiciOutboundClient } from './http/outbound-undici.client.js';
export {
  type FetchOptions,
  OutboundClient,
  type OutboundRequest,
  type OutboundResponse,
} from './http/outbound.client.js';
export { canonicalJson } from './canonical-json.js';
export { isFlat, parseForeignJson } from './foreign-json.js';
export { parseJsonBody } from './http/json-body.js';
export { instantiate } from './http/instantiate.js';
export { readBody } from './http/read-body.js';
export { Nested, NestedList } from './http/nested.decorator.js';
export { IsWhole, IsWithin } from './http/number.decorators.js';
export { Nullable, Optional } from './http/optional.decorator.js';
export { IsTimestamp, isTimestamp } from './http/timestamp.decorator.js';
export { IsMetadata, MaxJsonBytes } from './http/max-json-bytes.decorator.js';
export { ListedRows } from './database/listed-rows.js';
export { Cursors, type Keyset, Page, PageQuery } from './http/pagination.js';
export { Reply, type ReplyOptions } from './http/reply.js';
export { type IdPrefix, isId, newId } from './ids.js';
export { type CompiledSchema, compileSchema } from './json-schema/compile-schema.js';
export { JobsModule } from './jobs/jobs.module.js';
export { JobRunner } from './jobs/job-runner.js';
export { Boot } from './lifecycle/boot.js';
export { MemoryGuard } from './lifecycle/memory-guard.js';
export { Readiness } from './lifecycle/readiness.js';
export { requireFolders } from './lifecycle/require-folders.js';
export { type Counts, type DrainTask, Shutdown, type ShutdownHost } from './lifecycle/shutdown.js';
export { CONTRIBUTIONS, type Contribution, type Contributions } from './plugins/contributions.js';
export type { LoadedPlugin } from './plugins/loaded-plugin.js';
export { type PrepareOptions, preparePlugins } from './plugins/prepare-plugins.js';
export {
  type BreakerPermit,
  type BreakerState,
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitOpenError,
} from './resilience/circuit-breaker.js';
export {
  PUBLIC_ROUTE,
  Public,
  RequireAnyScope,
  RequireScopes,
  SystemAdministratorOnly,
} from './security/access.decorators.js';
export { ApiKeyService } from './security/api-key.service.js';
export { Audit, type AuditTarget } from './security/audit.js';
export { keptEncryptionKey } from './security/master-key.js';
export { DEFAULT_TENANT, isSystemAdministrator } from './security/principal.js';
export { redact, redactText } from './security/redact.js';
export { SCOPES } from './security/scopes.js';
export { TenantService } from './security/tenant.service.js';
export { SecurityModule, securityMigrations } from './security/security.module.js';
export { type SecretPlace, Vault } from './security/vault.js';
export { type ComponentHealth, type HealthCheck, HealthRegistry } from './health/health-registry.js';
export { type LogFields, currentLogFields, withLogFields } from './telemetry/log-context.js';
export { Metrics } from './telemetry/metrics.js';
export { sampled } from './telemetry/sampled.js';
export { HealthService } from './health/health.service.js';
export { LOGGER, createLogger } from './telemetry/logger.js';
export { NestLogger } from './telemetry/nest-logger.js';
export { Track } from './telemetry/track.decorator.js';
export { VERSION } from './version.js';
export { IsWebUrl, readWebUrl } from './http/web-url.decorator.js';
export { HostGuard } from './http/host-guard.js';
