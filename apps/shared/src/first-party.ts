import type { Type } from '@nestjs/common';
import { AgentsModule } from '@guildhall/agents';
import { CoreModule, JobsModule } from '@guildhall/core';
import { MemoryModule } from '@guildhall/memory';
import { ModelsModule } from '@guildhall/models';
import { RagModule } from '@guildhall/rag';
import { RunsModule } from '@guildhall/runs';
import { ToolsModule } from '@guildhall/tools';
import { WorkersModule } from '@guildhall/workers';

/** The plugins that Guildhall itself is made of; each process runs all of them. */
export const FIRST_PARTY: readonly Type[] = [
  CoreModule,
  JobsModule,
  MemoryModule,
  ModelsModule,
  RagModule,
  RunsModule,
  ToolsModule,
  WorkersModule,
  AgentsModule,
];
