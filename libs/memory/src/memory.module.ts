import { Global } from '@nestjs/common';
import { CONVERSATION_MEMORY, Plugin } from '@guildhall/sdk';
import { WindowMemory } from './window-memory.js';

@Global()
@Plugin({
  id: 'memory',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'What a model sees of a thread',
  providers: [{ provide: CONVERSATION_MEMORY, useClass: WindowMemory }],
  exports: [CONVERSATION_MEMORY],
})
export class MemoryModule {}
