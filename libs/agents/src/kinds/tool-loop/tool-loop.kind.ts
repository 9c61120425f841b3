import { type AgentDefinition, AgentKind, type AgentKindHandler, type Answer, type RunContext } from '@guildhall/sdk';
import { retrieveKnowledge } from './retrieve-knowledge.js';

/** The model calls tools until it answers. */
@AgentKind({ kind: 'tool-loop', description: 'Answers from its knowledge, calling tools until it can' })
export class ToolLoop implements AgentKindHandler {
  async run(ctx: RunContext, agent: AgentDefinition): Promise<Answer> {
    const knowledge = await retrieveKnowledge(ctx, agent);
    const tools = await ctx.tools(agent.tools);
    const system = agent.instructions ? [{ role: 'system' as const, text: agent.instructions }] : [];
    for (;;) {
      const messages = [...system, ...(await ctx.conversation())];
      const reply = await ctx.model({ model: agent.model, messages, tools, knowledge });
      if (reply.toolCalls.length === 0) return ctx.answer(reply);
      await Promise.all(reply.toolCalls.map((call) => ctx.tool(call)));
    }
  }
}
