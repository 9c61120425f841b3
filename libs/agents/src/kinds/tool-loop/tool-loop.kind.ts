import { type AgentDefinition, AgentKind, type AgentKindHandler, type Answer, type RunContext } from '@guildhall/sdk';
import { withInputData } from './input-data.js';
import { retrieveKnowledge } from './retrieve-knowledge.js';
import { StructuredOutput } from './structured-output.js';
import { ToolCalls } from './tool-calls.js';

/** The model calls tools until it answers. */
@AgentKind({ kind: 'tool-loop', description: 'Answers from its knowledge, calling tools until it can' })
export class ToolLoop implements AgentKindHandler {
  async run(ctx: RunContext, agent: AgentDefinition): Promise<Answer> {
    const output = agent.outputSchema && (await StructuredOutput.of(agent.outputSchema));
    const knowledge = await retrieveKnowledge(ctx, agent);
    const tools = await ctx.tools(agent.tools);
    const toolCalls = new ToolCalls(ctx);
    const system = agent.instructions ? [{ role: 'system' as const, text: agent.instructions }] : [];
    const format = {
      ...(output ? { responseSchema: output.schema } : {}),
      ...(agent.links ? { links: agent.links } : {}),
    };
    for (;;) {
      const correction = output?.correction ?? [];
      const conversation = withInputData(await ctx.conversation(), ctx.input.data);
      const messages = [...system, ...conversation, ...correction];
      // The built-in model would take a correction for the question, and its words for facts.
      const model = correction.length > 0 ? { ...agent.model, fallbackToBuiltin: false } : agent.model;
      const reply = await ctx.model({ model, messages, tools, ...(knowledge && { knowledge }), ...format });
      if (reply.toolCalls.length > 0) {
        await toolCalls.perform(reply.toolCalls);
        continue;
      }
      const answer = output ? await output.accept(reply) : reply;
      if (answer) return ctx.answer(answer);
    }
  }
}
