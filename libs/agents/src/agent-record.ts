import type { AgentDefinition } from '@guildhall/sdk';
import type { AgentStatus, AgentType } from './definition/properties.dto.js';

/** An agent as stored. Its draft is what PATCH edits; runs execute versions. */
export interface AgentRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly owner: string;
  readonly type: AgentType | null;
  readonly status: AgentStatus;
  readonly isActive: boolean;
  readonly draft: AgentDefinition;
  /** The draft differs from the published version. */
  readonly draftChanged: boolean;
  readonly publishedVersion: number;
  /** Counts every change: the ETag. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
}

export type VersionStatus = 'draft' | 'published' | 'retired';

/** A frozen draft. Only its status ever changes. */
export interface VersionRecord {
  readonly agentId: string;
  readonly version: number;
  readonly status: VersionStatus;
  readonly definition: AgentDefinition;
  readonly note: string | null;
  readonly createdAt: Date;
}
