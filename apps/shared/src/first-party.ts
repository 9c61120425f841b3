import type { Type } from '@nestjs/common';
import { CoreModule } from '@guildhall/core';
import { MemoryModule } from '@guildhall/memory';

/** The plugins that Guildhall itself is made of; each process runs all of them. */
export const FIRST_PARTY: readonly Type[] = [CoreModule, MemoryModule];
