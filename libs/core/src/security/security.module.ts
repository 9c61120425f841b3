import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Settings } from '../config/settings.js';
import { Cursors } from '../http/pagination.js';
import { AccessGuard } from './access.guard.js';
import { ApiKeyController } from './api-key.controller.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeyService } from './api-key.service.js';
import { Audit } from './audit.js';
import { installAuthentication } from './authentication.hook.js';
import { Authenticator } from './authenticator.js';
import { KeyInUse } from './key-in-use.js';
import { KeyWatch } from './key-watch.js';
import { MasterKey, loadMasterKey } from './master-key.js';
import { TenantsKeysAudit1763700030000 } from './migrations/0001-tenants-keys-audit.js';
import { EncryptionKeyInUse1763700030001 } from './migrations/0002-encryption-key-in-use.js';
import { OpenRequests } from './open-requests.js';
import { SigningKey } from './signing-key.js';
import { TenantController } from './tenant.controller.js';
import { TenantRepository } from './tenant.repository.js';
import { TenantService } from './tenant.service.js';
import { Vault } from './vault.js';
import { WrongKeys } from './wrong-keys.js';

export const securityMigrations = [TenantsKeysAudit1763700030000, EncryptionKeyInUse1763700030001];

/** Keys, tenants, who may do what, and the secrets at rest. Needs `Settings` and `Database`. */
@Global()
@Module({
  controllers: [ApiKeyController, TenantController],
  providers: [
    { provide: MasterKey, inject: [Settings], useFactory: loadMasterKey },
    {
      provide: SigningKey,
      inject: [MasterKey],
      useFactory: (master: MasterKey) => new SigningKey(master.bytes.toString('base64')),
    },
    { provide: APP_GUARD, useClass: AccessGuard },
    Cursors,
    Vault,
    Audit,
    Authenticator,
    OpenRequests,
    KeyWatch,
    KeyInUse,
    WrongKeys,
    ApiKeyRepository,
    ApiKeyService,
    TenantRepository,
    TenantService,
  ],
  exports: [SigningKey, Cursors, Vault, Audit, Authenticator, ApiKeyService],
})
export class SecurityModule implements OnModuleInit {
  constructor(
    private readonly http: HttpAdapterHost,
    private readonly authenticator: Authenticator,
    private readonly wrongKeys: WrongKeys,
    private readonly openRequests: OpenRequests,
  ) {}

  /** Before routes are made; after the hook that gives each request its anonymous context, which bootstrap installs. */
  onModuleInit(): void {
    if (this.http.httpAdapter?.getType() !== 'fastify') return;
    const { authenticator, wrongKeys, openRequests } = this;
    const fastify = this.http.httpAdapter.getInstance<FastifyInstance>();
    installAuthentication(fastify, { authenticator, wrongKeys, openRequests });
  }
}
