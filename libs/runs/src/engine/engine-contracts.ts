import { Inject, Injectable } from '@nestjs/common';
import { CONTRIBUTIONS, type Contributions } from '@guildhall/core';
import {
  CONVERSATION_MEMORY,
  type ConversationMemory,
  MODEL_GATEWAY,
  type ModelGateway,
  RETRIEVER,
  type Retriever,
  TOOL_EXECUTOR,
  type ToolExecutor,
} from '@guildhall/sdk';

/** The world outside a run, as the other libs implement it. */
@Injectable()
export class EngineContracts {
  constructor(
    @Inject(CONTRIBUTIONS) readonly contributions: Contributions,
    @Inject(MODEL_GATEWAY) readonly models: ModelGateway,
    @Inject(TOOL_EXECUTOR) readonly tools: ToolExecutor,
    @Inject(RETRIEVER) readonly retriever: Retriever,
    @Inject(CONVERSATION_MEMORY) readonly memory: ConversationMemory,
  ) {}
}
