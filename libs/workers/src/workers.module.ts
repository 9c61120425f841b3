import { Global } from '@nestjs/common';
import { Plugin } from '@guildhall/sdk';
import { MessageWorker } from './builtin/message.worker.js';
import { RagWorker } from './builtin/rag.worker.js';
import { WorkerCatalogue } from './worker-catalogue.js';
import { WorkerController } from './worker.controller.js';

/** The units that runs delegate steps to. */
@Global()
@Plugin({
  id: 'workers',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Catalogue of workers, and the built-in ones',
  controllers: [WorkerController],
  providers: [WorkerCatalogue, MessageWorker, RagWorker],
})
export class WorkersModule {}
