import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Shutdown } from '../lifecycle/shutdown.js';
import { Admission } from './admission/admission.js';
import { AdmissionMetrics } from './admission/admission-metrics.js';
import { Deprecations } from './deprecations.js';
import { IdempotencyGuard } from './idempotency/idempotency.guard.js';
import { IdempotencyRepository } from './idempotency/idempotency.repository.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { Idempotency1763700020000 } from './migrations/0001-idempotency.js';
import { Uploads } from './upload/uploads.js';

export const httpMigrations = [Idempotency1763700020000];

/** What the HTTP surface injects. Needs `Settings`, `Database` and `SecurityModule`; `createHttpApp` wires it. */
@Global()
@Module({
  providers: [
    Admission,
    AdmissionMetrics,
    Deprecations,
    IdempotencyRepository,
    IdempotencyService,
    IdempotencyGuard,
    Uploads,
  ],
  exports: [Deprecations, Uploads],
})
export class HttpModule implements OnModuleInit {
  constructor(
    private readonly admission: Admission,
    private readonly shutdown: Shutdown,
  ) {}

  onModuleInit(): void {
    const { answers } = this.admission;
    this.shutdown.beforeClose({
      name: 'open answers',
      underWay: () => ({ streams: answers.countOf('stream'), waits: answers.countOf('wait') }),
      // They end by themselves when work does: a stream tells its reader when to come back, and with which event.
      drain: async () => ({}),
    });
  }
}
