import { Global } from '@nestjs/common';
import { AGENT_CATALOG, Plugin } from '@guildhall/sdk';
import { AgentCatalogService } from './agent-catalog.service.js';
import { AgentVersionController } from './agent-version.controller.js';
import { AgentVersionRepository } from './agent-version.repository.js';
import { AgentVersionService } from './agent-version.service.js';
import { AgentController } from './agent.controller.js';
import { AgentRepository } from './agent.repository.js';
import { AgentService } from './agent.service.js';
import { DefinitionChecker } from './definition/definition-checker.js';
import { ToolLoop } from './kinds/tool-loop/tool-loop.kind.js';
import { Agents1763700400000 } from './migrations/0001-agents.js';
import { AgentsByName1763700400002 } from './migrations/0002-agents-by-name.js';

/** Agents as data: definitions, versions, and the kinds that say how one works. */
@Global()
@Plugin({
  id: 'agents',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Definitions and versions of agents, and the kinds built in',
  migrations: [Agents1763700400000, AgentsByName1763700400002],
  controllers: [AgentController, AgentVersionController],
  providers: [
    AgentRepository,
    AgentVersionRepository,
    AgentCatalogService,
    { provide: AGENT_CATALOG, useExisting: AgentCatalogService },
    DefinitionChecker,
    AgentService,
    AgentVersionService,
    ToolLoop,
  ],
  exports: [AGENT_CATALOG],
})
export class AgentsModule {}
