import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { OutboundGuard } from './outbound-guard.js';
import { UndiciOutboundClient } from './outbound-undici.client.js';
import { OutboundClient } from './outbound.client.js';

/** Provides `OutboundClient`. Needs `Settings`. */
@Global()
@Module({
  providers: [
    {
      provide: UndiciOutboundClient,
      inject: [Settings],
      useFactory: ({ OUTBOUND_ALLOW, OUTBOUND_PORTS }: Settings) =>
        new UndiciOutboundClient(new OutboundGuard({ allow: OUTBOUND_ALLOW, ports: OUTBOUND_PORTS })),
    },
    { provide: OutboundClient, useExisting: UndiciOutboundClient },
  ],
  exports: [OutboundClient],
})
export class OutboundModule implements OnApplicationShutdown {
  constructor(private readonly client: UndiciOutboundClient) {}

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}
